import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { LanguageChoice } from '../components/language-choice.tsx';
import { NoticeArea } from '../components/message.tsx';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { setEnrolling } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';

const STEPS = ['key', 'enrolled', 'replica', 'ready'] as const;
type Step = (typeof STEPS)[number];

/** Enrols the workstation with a one-time code; long work, shown step by step. */
export function SetupScreen() {
  const { t } = useTranslation();
  const { client } = useHost();
  const [centreUrl, setCentreUrl] = useState('https://');
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const [progress, setProgress] = useState<{ readonly step: Step; readonly accounts: number } | null>(null);
  const cancel = useRef<(() => void) | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useHome(first);
  const { busy, run } = useAction();
  useEffect(() => () => cancel.current?.(), []);

  const urlWrong = !z.url({ protocol: /^https?$/ }).safeParse(centreUrl.trim()).success;
  const codeWrong = !/^[A-Za-z0-9-]{8,20}$/.test(code.trim());

  const enrol = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (urlWrong || codeWrong) return;
    setEnrolling(true);
    run(
      () => {
        const work = client['setup.enrol']({ centreUrl: centreUrl.trim(), code }, setProgress);
        cancel.current = work.cancel;
        return work.result;
      },
      () => setEnrolling(false),
      () => {
        setEnrolling(false);
        setProgress(null);
      },
    );
  };

  return (
    <main className="alone" data-scan="off">
      <form className="panel alone-panel" onSubmit={enrol} aria-labelledby="setup-title">
        <header>
          <h1 id="setup-title">{t('setup.title')}</h1>
          <p className="quiet">{t('setup.lead')}</p>
        </header>
        <Field
          ref={first}
          label={t('setup.centreUrl')}
          value={centreUrl}
          onChange={setCentreUrl}
          type="url"
          problem={tried && urlWrong ? t('setup.urlWrong') : undefined}
          testId="centre-url"
        />
        <Field
          label={t('setup.code')}
          value={code}
          onChange={(text) => setCode(text.toUpperCase())}
          maxLength={20}
          problem={tried && codeWrong ? t('setup.codeWrong') : undefined}
          testId="enrolment-code"
        />
        {busy ? <Steps at={progress?.step ?? 'key'} accounts={progress?.accounts ?? 0} /> : null}
        <NoticeArea />
        {busy ? (
          <Button onPress={() => cancel.current?.()} testId="setup-cancel">
            {t('setup.cancel')}
          </Button>
        ) : (
          <Button primary submit keyCap="Enter" testId="enrol">
            {t('setup.enrol')}
          </Button>
        )}
        <LanguageChoice />
      </form>
    </main>
  );
}

function Steps({ at, accounts }: { readonly at: Step; readonly accounts: number }) {
  const { t } = useTranslation();
  const current = STEPS.indexOf(at);
  return (
    <ol className="steps" aria-label={t('setup.steps')} aria-live="polite">
      {STEPS.map((step, index) => {
        const state = index < current || at === 'ready' ? 'done' : index === current ? 'now' : 'later';
        return (
          <li
            key={step}
            className={`step step-${state}`}
            {...(state === 'now' ? { 'aria-current': 'step' as const } : {})}
          >
            <span className="step-mark" aria-hidden="true" />
            {t(`setup.${step}`)}
            {step === 'replica' && accounts > 0 ? (
              <span className="quiet"> {t('setup.replicaCount', { count: accounts })}</span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
