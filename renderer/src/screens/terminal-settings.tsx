import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosSettings } from '../../../contracts/pos.ts';
import { posReason, posReasonText } from '../../../contracts/pos-reasons.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { useLanguage } from '../components/message.tsx';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { say } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { Checks, useChecks } from './terminal-check.tsx';
import { TerminalDay } from './terminal-day.tsx';
import { KINDS, settingsOf, TEXT_FIELDS, typedOf, type Kind, type Typed } from './terminal-fields.ts';
import { Findings, useSearch } from './terminal-search.tsx';
import { TerminalRecording } from './terminal-recording.tsx';

const OVER_NAMES = { tcp: 'TCP', ws: 'WebSocket' } as const;

/** Which terminal stands here. Supervisors set it; everybody sees its day. */
export function TerminalSettings() {
  const { t } = useTranslation();
  const user = useHostState((state) => state.session?.user);
  const isSet = useHostState((state) => (state.terminal?.settings.kind ?? 'none') !== 'none');
  const [view, setView] = useState<'form' | 'day' | 'recording'>('form');
  const checking = useChecks();
  const back = (): void => setView('form');
  if (view === 'day') return <TerminalDay onBack={back} />;
  if (view === 'recording') return <TerminalRecording onBack={back} />;
  return (
    <div className="settings-form">
      {user?.role === 'supervisor' ? (
        <TerminalForm onChange={checking.clear} hidden={checking.checks.length > 0} />
      ) : (
        <p className="quiet">{t('cards.settings.supervisorOnly')}</p>
      )}
      {isSet ? (
        <>
          <div className="button-row">
            <Button onPress={checking.begin} busy={checking.busy} testId="terminal-check">
              {t(checking.busy ? 'cards.settings.checking' : 'cards.settings.check')}
            </Button>
            <Button onPress={() => setView('day')} testId="terminal-day">
              {t('cards.day.open')}
            </Button>
            <Button onPress={() => setView('recording')} testId="terminal-recording">
              {t('cards.settings.frames')}
            </Button>
          </div>
          <Checks checks={checking.checks} />
        </>
      ) : null}
    </div>
  );
}

/** Searched for or typed, tried with its password, and only then saved. */
function TerminalForm({
  onChange,
  hidden,
}: {
  /** Something else than the checks of the saved terminal is looked at. */
  readonly onChange: () => void;
  /** What the search found gives way to the checks. */
  readonly hidden: boolean;
}) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const settings = useHostState((state) => state.terminal?.settings);
  const [kind, setKind] = useState<Kind>(settings?.kind ?? 'none');
  const [typed, setTyped] = useState<Typed>(() => typedOf(settings));
  /** What did not answer when it was tried: it may be saved all the same, for a terminal that comes later. */
  const [silent, setSilent] = useState<PosSettings | null>(null);
  const [picked, setPicked] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const saving = useAction({ stay: true });
  const searching = useSearch();
  const focusOn = (testId: string): void =>
    form.current?.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.focus();
  useEffect(() => {
    if (picked > 0)
      (
        form.current?.querySelector<HTMLElement>('[data-testid="terminal-password"]') ?? button.current
      )?.focus();
  }, [picked]);

  const change = (next: Partial<Typed>): void => {
    setTyped({ ...typed, ...next });
    setSilent(null);
  };
  const put = (chosen: PosSettings): void =>
    saving.run(
      () => client['terminal.set']({ settings: chosen }),
      () => {
        setSilent(null);
        setTyped(typedOf(chosen));
        say('ok', t('cards.settings.saved'));
      },
    );
  /** Saved when the terminal is there and takes us; else why not, and nothing is changed. */
  const tryAndPut = (chosen: PosSettings): void =>
    saving.run(
      async () => {
        const tried = await client['terminal.try']({ settings: chosen });
        if (!tried.ok || tried.value.state !== 'ready') return tried;
        const saved = await client['terminal.set']({ settings: chosen });
        return saved.ok ? tried : saved;
      },
      ({ state, reason }) => {
        setSilent(state === 'away' ? chosen : null);
        const why = posReasonText(reason ?? posReason('silent'), language);
        if (state === 'ready') say('ok', t('cards.settings.saved'));
        else if (state === 'away')
          say(
            'warning',
            t('cards.settings.unheard', { reason: sentence(why) }),
            t('cards.settings.unheardNext'),
          );
        else if (reason?.code === 'passwordWrong') {
          say('bad', t('cards.settings.passwordRefused'), t('cards.settings.passwordNext'));
          focusOn('terminal-password');
        } else say('bad', t('cards.settings.refused', { reason: why }), t('cards.settings.refusedNext'));
      },
    );
  const save = (): void => {
    const chosen = settingsOf(kind, typed);
    onChange();
    searching.clear();
    if (chosen === undefined) say('warning', t('cards.settings.wrong'));
    else if (chosen.kind === 'none') put(chosen);
    else tryAndPut(chosen);
  };
  useKeys({ F2: save });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save();
  };
  const choose = (found: PosSettings, label: string): void => {
    setKind(found.kind);
    setTyped(typedOf(found));
    setSilent(null);
    searching.clear();
    say('quiet', t('password' in found ? 'cards.settings.chosen' : 'cards.settings.chosenOpen', { label }));
    setPicked((before) => before + 1);
  };

  return (
    <form ref={form} className="settings-form" onSubmit={submit}>
      <Choice
        label={t('cards.settings.kind')}
        options={KINDS.map((id) => ({ id, text: t(`cards.settings.kinds.${id}`) }))}
        value={kind}
        onChange={(chosen) => {
          setKind(chosen);
          setSilent(null);
        }}
        testId="terminal-kind"
      />
      <div className="terminal-fields">
        {TEXT_FIELDS[kind].map((name) => (
          <Field
            key={name}
            label={t(`cards.settings.${name}`)}
            value={typed[name]}
            onChange={(value) => change({ [name]: value })}
            maxLength={400}
            {...(name === 'path' ? { placeholder: t('cards.settings.pathHint') } : {})}
            testId={`terminal-${name}`}
          />
        ))}
        {kind === 'nexo' ? (
          <Choice
            label={t('cards.settings.over')}
            options={(['tcp', 'ws'] as const).map((id) => ({ id, text: OVER_NAMES[id] }))}
            value={typed.over}
            onChange={(over) => change({ over })}
            testId="terminal-over"
          />
        ) : null}
        {kind === 'zvtSerial' ? (
          <>
            <Choice
              label={t('cards.settings.stopBits')}
              options={(['1', '2'] as const).map((id) => ({ id, text: id }))}
              value={typed.stopBits}
              onChange={(stopBits) => change({ stopBits })}
              testId="terminal-stopBits"
            />
            <Choice
              label={t('cards.settings.modemLines')}
              options={(['off', 'on'] as const).map((id) => ({ id, text: t(`cards.settings.modem.${id}`) }))}
              value={typed.modemLines}
              onChange={(modemLines) => change({ modemLines })}
              testId="terminal-modemLines"
            />
          </>
        ) : null}
      </div>
      <div className="button-row">
        <Button ref={button} primary submit keyCap="F2" busy={saving.busy} testId="terminal-save">
          {t(saving.busy ? 'cards.settings.trying' : 'cards.settings.save')}
        </Button>
        {silent === null ? (
          <Button
            onPress={() => {
              onChange();
              searching.begin();
            }}
            busy={searching.busy}
            testId="terminal-search"
          >
            {t(searching.busy ? 'cards.settings.searching' : 'cards.settings.search')}
          </Button>
        ) : (
          <Button onPress={() => put(silent)} busy={saving.busy} testId="terminal-save-anyway">
            {t('cards.settings.saveAnyway')}
          </Button>
        )}
      </div>
      {hidden ? null : (
        <Findings
          findings={searching.findings}
          searching={searching.busy}
          onChoose={({ settings: found, label }) => choose(found, label)}
        />
      )}
    </form>
  );
}

/** A reason begins a sentence here. */
const sentence = (words: string): string => words.charAt(0).toLocaleUpperCase() + words.slice(1);
