import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { posSettingsSchema, type PosFinding, type PosSettings } from '../../../contracts/pos.ts';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { useLanguage } from '../components/message.tsx';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { say } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { TerminalCheck } from './terminal-check.tsx';
import { TerminalDay } from './terminal-day.tsx';
import { TerminalRecording } from './terminal-recording.tsx';

const KINDS = ['none', 'zvtSerial', 'zvtTcp', 'nexo'] as const;
type Kind = (typeof KINDS)[number];

/** What is typed; only what the chosen kind needs is taken from it. */
type Typed = {
  path: string;
  baudRate: string;
  host: string;
  port: string;
  password: string;
  poiId: string;
  saleId: string;
};
const EMPTY: Typed = {
  path: '',
  baudRate: '9600',
  host: '',
  port: '20007',
  password: '',
  poiId: '',
  saleId: '',
};
const FIELDS: Readonly<Record<Kind, readonly (keyof Typed)[]>> = {
  none: [],
  zvtSerial: ['path', 'baudRate', 'password'],
  zvtTcp: ['host', 'port', 'password'],
  nexo: ['host', 'port', 'poiId', 'saleId'],
};

/** Which terminal stands here: searched for or typed, checked step by step. Supervisors set it; everybody sees its day. */
export function TerminalSettings() {
  const { t } = useTranslation();
  const { client } = useHost();
  const user = useHostState((state) => state.session?.user);
  const settings = useHostState((state) => state.terminal?.settings);
  const [kind, setKind] = useState<Kind>(settings?.kind ?? 'none');
  const [typed, setTyped] = useState<Typed>(() => typedOf(settings));
  const [day, setDay] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const saving = useAction();
  const searching = useSearch();

  const set = (chosen: PosSettings): void => {
    setKind(chosen.kind);
    setTyped(typedOf(chosen));
    saving.run(
      () => client['terminal.set']({ settings: chosen }),
      () => say('ok', t('cards.settings.saved')),
    );
  };
  const save = (): void => {
    const parsed = posSettingsSchema.safeParse(settingsOf(kind, typed));
    if (parsed.success) set(parsed.data);
    else say('warning', t('cards.settings.wrong'));
  };
  const supervisor = user?.role === 'supervisor';
  useKeys({ F2: () => (supervisor && !day ? save() : false) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save();
  };
  if (day) return <TerminalDay onBack={() => setDay(false)} />;
  return (
    <form className="settings-form" onSubmit={submit}>
      {supervisor ? (
        <>
          <Choice
            label={t('cards.settings.kind')}
            options={KINDS.map((id) => ({ id, text: t(`cards.settings.kinds.${id}`) }))}
            value={kind}
            onChange={setKind}
            testId="terminal-kind"
          />
          {FIELDS[kind].map((name) => (
            <Field
              key={name}
              label={t(`cards.settings.${name}`)}
              value={typed[name]}
              onChange={(value) => setTyped({ ...typed, [name]: value })}
              maxLength={400}
              {...(name === 'path' ? { placeholder: t('cards.settings.pathHint') } : {})}
              testId={`terminal-${name}`}
            />
          ))}
          <Button ref={button} primary submit keyCap="F2" busy={saving.busy} testId="terminal-save">
            {t('cards.settings.save')}
          </Button>
          <Button onPress={searching.begin} busy={searching.busy} testId="terminal-search">
            {t(searching.busy ? 'cards.settings.searching' : 'cards.settings.search')}
          </Button>
          <Findings findings={searching.findings} onChoose={set} />
        </>
      ) : (
        <p className="quiet">{t('cards.settings.supervisorOnly')}</p>
      )}
      {settings === undefined || settings.kind === 'none' ? null : (
        <>
          <TerminalCheck />
          <TerminalRecording />
          <Button onPress={() => setDay(true)} testId="terminal-day">
            {t('cards.day.open')}
          </Button>
        </>
      )}
    </form>
  );
}

function useSearch() {
  const { client } = useHost();
  const [findings, setFindings] = useState<readonly PosFinding[] | null>(null);
  const { busy, run } = useAction({ stay: true });
  const begin = (): void => {
    setFindings([]);
    const search = client['terminal.search']({}, ({ finding }) =>
      setFindings((before) => [...(before ?? []), finding]),
    );
    run(
      () => search.result,
      ({ findings: all }) => setFindings(all),
    );
  };
  return { findings, busy, begin };
}

/** What was found at each place, terminals to be chosen and the rest with the reason why it is none. */
function Findings({
  findings,
  onChoose,
}: {
  readonly findings: readonly PosFinding[] | null;
  readonly onChoose: (settings: PosSettings) => void;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (findings === null) return null;
  return (
    <ul className="findings" aria-live="polite" data-testid="findings">
      {findings.map((finding) => (
        <li key={finding.label}>
          {finding.kind === 'terminal' ? (
            <>
              <strong>{t('cards.settings.found', { label: finding.label })}</strong>{' '}
              {finding.simulator ? <span>{t('cards.simulator')} </span> : null}
              <Button small onPress={() => onChoose(finding.settings)} testId="choose-terminal">
                {t('cards.settings.choose')}
              </Button>
            </>
          ) : (
            <span className="quiet">
              {finding.label}: {posReasonText(finding.reason, language)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function typedOf(settings: PosSettings | undefined): Typed {
  if (settings === undefined || settings.kind === 'none') return EMPTY;
  const { kind: _kind, ...fields } = settings;
  const text = Object.entries(fields).map(([name, value]) => [name, String(value)] as const);
  return { ...EMPTY, ...Object.fromEntries(text) };
}

/** What was typed as settings; the schema says whether it is any. */
function settingsOf(kind: Kind, typed: Typed): unknown {
  const port = Number(typed.port);
  switch (kind) {
    case 'none':
      return { kind };
    case 'zvtSerial':
      return {
        kind,
        path: typed.path.trim(),
        baudRate: Number(typed.baudRate),
        stopBits: 2,
        modemLines: false,
        password: typed.password,
      };
    case 'zvtTcp':
      return { kind, host: typed.host.trim(), port, password: typed.password };
    case 'nexo':
      return { kind, over: 'tcp', host: typed.host.trim(), port, poiId: typed.poiId, saleId: typed.saleId };
  }
}
