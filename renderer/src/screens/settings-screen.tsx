import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBaku } from '../../../contracts/time.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { LanguageChoice } from '../components/language-choice.tsx';
import { NoticeArea } from '../components/message.tsx';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { goTo } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { chooseTheme, THEMES, themeOf } from '../theme.ts';
import { PrinterSettings } from './printer-settings.tsx';
import { TerminalSettings } from './terminal-settings.tsx';

/** F12: looks, printer, what this workstation is, log-out. */
export function SettingsScreen() {
  const { t } = useTranslation();
  useKeys({ Escape: () => goTo('counter') });
  return (
    <main className="settings">
      <section className="panel settings-panel">
        <h1>{t('settings.title')}</h1>
        <LanguageChoice />
        <ThemeChoice />
        <Person />
      </section>
      <section className="panel settings-panel">
        <Devices />
        <NoticeArea />
      </section>
      <section className="panel settings-panel">
        <h2>{t('settings.workstation')}</h2>
        <Workstation />
      </section>
    </main>
  );
}

const DEVICES = ['printer', 'terminal'] as const;

/** The devices of the counter, one at a time. */
function Devices() {
  const { t } = useTranslation();
  const [device, setDevice] = useState<(typeof DEVICES)[number]>('printer');
  const names = { printer: t('settings.printer'), terminal: t('cards.settings.title') };
  return (
    <>
      <div className="settings-devices">
        <h2>{t('settings.devices')}</h2>
        <Choice
          label={t('settings.devices')}
          options={DEVICES.map((id) => ({ id, text: names[id] }))}
          value={device}
          onChange={setDevice}
          bare
          testId="device"
        />
      </div>
      {device === 'printer' ? <PrinterSettings /> : <TerminalSettings />}
    </>
  );
}

function ThemeChoice() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState(() => themeOf(window));
  return (
    <Choice
      label={t('settings.theme')}
      options={THEMES.map((id) => ({ id, text: t(`settings.themes.${id}`) }))}
      value={theme}
      onChange={(chosen) => {
        chooseTheme(window, chosen);
        setTheme(chosen);
      }}
      testId="theme"
    />
  );
}

function Person() {
  const { t } = useTranslation();
  const { client } = useHost();
  const user = useHostState((state) => state.session?.user);
  const { busy, run } = useAction();
  if (!user) return null;
  return (
    <div className="settings-person">
      <p>
        <span className="field-label">{t('settings.person')}</span>
        <strong>{user.name}</strong> <span className="quiet">{t(`settings.roles.${user.role}`)}</span>
      </p>
      <Button onPress={() => run(() => client['session.logout']({}))} busy={busy} testId="settings-logout">
        {t('settings.logout')}
      </Button>
      <p className="quiet">{t('settings.logoutWhy')}</p>
    </div>
  );
}

function Workstation() {
  const { t } = useTranslation();
  const workstation = useHostState((state) => state.session?.workstation);
  const status = useHostState((state) => state.status);
  if (!workstation || !status) return null;
  const facts: readonly (readonly [string, string | number])[] = [
    [t('settings.code'), workstation.code],
    [t('settings.branch'), workstation.branchName],
    [t('settings.participant'), workstation.participantName],
    [t('settings.district'), workstation.district],
    [t('settings.journalEntries'), status.journal.entries],
    [t('settings.replicaAccounts'), status.replica.accounts],
    [t('settings.replicaTrueAt'), status.replica.trueAt === null ? '—' : formatBaku(status.replica.trueAt)],
    [t('settings.freeCodes'), status.freeCodes],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
