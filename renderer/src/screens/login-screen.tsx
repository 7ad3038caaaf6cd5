import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { LanguageChoice } from '../components/language-choice.tsx';
import { Message, NoticeArea } from '../components/message.tsx';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { goTo } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';

/** Name and password. The centre judges; while it is away, those who were here lately may enter. */
export function LoginScreen() {
  const { t } = useTranslation();
  const { client } = useHost();
  const centre = useHostState((state) => state.status?.centre.link);
  const workstation = useHostState((state) => state.session?.workstation);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const name = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  useHome(name);
  const { busy, run } = useAction({ stay: true });

  const logIn = (event: FormEvent): void => {
    event.preventDefault();
    if (username.trim() === '') return name.current?.focus();
    if (password === '') return secret.current?.focus();
    // Before, not after: the session shows earlier than the answer comes, and a key pressed then must count.
    goTo('counter');
    run(
      () => client['session.login']({ username, password }),
      undefined,
      () => {
        setPassword('');
        secret.current?.focus();
      },
    );
  };

  return (
    <main className="alone" data-scan="off">
      <form className="panel alone-panel" onSubmit={logIn} aria-labelledby="login-title">
        <header>
          <h1 id="login-title">{t('login.title')}</h1>
          {workstation ? (
            <p className="quiet">
              {workstation.participantName} · {workstation.branchName} · {workstation.code}
            </p>
          ) : null}
        </header>
        {centre === 'offline' ? <Message tone="warning" text={t('login.offline')} /> : null}
        <Field
          ref={name}
          label={t('login.username')}
          value={username}
          onChange={setUsername}
          maxLength={60}
          autoComplete="username"
          testId="username"
        />
        <Field
          ref={secret}
          label={t('login.password')}
          value={password}
          onChange={setPassword}
          type="password"
          maxLength={200}
          autoComplete="current-password"
          testId="password"
        />
        <NoticeArea />
        <Button primary submit keyCap="Enter" busy={busy} testId="login">
          {busy ? t('login.checking') : t('login.enter')}
        </Button>
        <p className="quiet">{t('login.shiftStays')}</p>
        <LanguageChoice />
      </form>
    </main>
  );
}
