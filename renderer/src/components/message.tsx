import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { failureText } from '../format/failure-text.ts';
import { useHostState } from '../host/host-context.ts';
import { useWindow, type Tone } from '../host/window-store.ts';

type MessageProps = {
  readonly tone: Tone;
  readonly text: string;
  /** What to do next. */
  readonly next?: ReactNode;
  readonly testId?: string;
  readonly children?: ReactNode;
};

/** Something said in a box: what it is, and what to do next. */
export function Message({ tone, text, next, testId, children }: MessageProps) {
  return (
    <div className={`message message-${tone}`} {...(testId === undefined ? {} : { 'data-testid': testId })}>
      <div className="message-words">
        <strong>{next === undefined ? text : sentence(text)}</strong>{' '}
        {next === undefined ? null : <span>{next}</span>}
      </div>
      {children}
    </div>
  );
}

/** With its full stop, when something follows. */
const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** The language of the screens. */
export const useLanguage = () => useHostState((state) => state.session?.language ?? 'az');

/** What was said last, where the screen has room for it. Screen readers hear it at once. */
export function NoticeArea() {
  const notice = useWindow((state) => state.notice);
  const language = useLanguage();
  useTranslation();
  return (
    <div className="notice-area" role="alert" data-testid="notice">
      {notice === null ? null : notice.kind === 'failure' ? (
        <FailureMessage failure={notice.failure} language={language} />
      ) : (
        <Message tone={notice.tone} text={notice.text} next={notice.next} />
      )}
    </div>
  );
}

const CALM: readonly string[] = [
  'connectionLost',
  'centreAway',
  'basketChanged',
  'countDiffers',
  'tooManyRequests',
];

function FailureMessage({
  failure,
  language,
}: {
  failure: Parameters<typeof failureText>[0];
  language: Parameters<typeof failureText>[1];
}) {
  const { text, action } = failureText(failure, language);
  return (
    <div data-code={failure.code}>
      <Message tone={CALM.includes(failure.code) ? 'warning' : 'bad'} text={text} next={action} />
    </div>
  );
}
