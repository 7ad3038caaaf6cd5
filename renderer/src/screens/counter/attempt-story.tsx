import { useTranslation } from 'react-i18next';
import type { PosAttemptView } from '../../../../contracts/ipw.ts';
import { posReasonText } from '../../../../contracts/pos-reasons.ts';
import { formatBaku } from '../../../../contracts/time.ts';
import { useLanguage } from '../../components/message.tsx';

type Step = PosAttemptView['steps'][number];

const DOUBTFUL: readonly Step['what'][] = ['lost', 'asked', 'stillUnknown', 'decided', 'manual'];

/** As many as fit beside the buttons on the smallest counter. */
const STEPS_SHOWN = 7;

/** What happened so far, with times; the last step is where we are. */
export function AttemptStory({
  attempt,
  whole = false,
}: {
  readonly attempt: Pick<PosAttemptView, 'steps'>;
  /** All of it, where there is room. */
  readonly whole?: boolean;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  const words = (step: Step): string =>
    step.live === null ? t(`cards.steps.${step.what}`) : t(`cards.live.${step.live}`);
  const shown = whole ? attempt.steps : attempt.steps.slice(-STEPS_SHOWN);
  return (
    <ol className="story">
      {shown.map((step, index) => (
        <li
          key={attempt.steps.length - shown.length + index}
          className={DOUBTFUL.includes(step.what) ? 'story-step story-doubt' : 'story-step'}
          {...(index === shown.length - 1 ? { 'aria-current': 'step' as const } : {})}
        >
          <time>{clock(step.at)}</time>
          <span className="story-mark" aria-hidden="true" />
          <span>
            {words(step)}
            {step.reason === null ? null : (
              <span className="quiet"> — {posReasonText(step.reason, language)}</span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** `14:35:02` in Baku. */
const clock = (at: string): string => `${formatBaku(at).slice(11)}:${at.slice(17, 19)}`;
