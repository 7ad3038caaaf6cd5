import { unreachable } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PosSettings } from '../../contracts/pos.ts';
import { posReasonText } from '../../contracts/pos-reasons.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Area } from './area.ts';
import { factsOf, instantNow, loggedIn, personOf, workstationCode, type CounterContext } from './context.ts';
import { framesFileName, framesText, type Frame, type FramesFile } from './frames-file.ts';
import { lastSlipCopy } from './slip-copy.ts';
import { terminalIdle } from './terminal.ts';

/** What the terminal says once more, and what was said to it: its last papers, and its frames as a file for support. */
export function terminalPaperHandlers(
  context: CounterContext,
): Area<'terminal.reprint' | 'terminal.recording'> {
  const { pos } = context.ports;
  return {
    'terminal.reprint': async ({ print: slip }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const ready = terminalIdle(context);
      if (!ready.ok) return ready;
      const answer = await pos.reprint();
      if (answer.kind !== 'receipts')
        return fail('reprintRefused', {
          reason: posReasonText(answer.reason, context.ports.settings.language()),
        });
      const { receipts } = answer;
      if (slip === null) return ok({ receipts, print: null });
      const document = lastSlipCopy(context, receipts, slip, personOf(user.value));
      if (document === null) return fail('slipMissing');
      return ok({ receipts, print: await context.paper.print(document) });
    },

    'terminal.recording': async (asked) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const now = context.ports.machine.nowMs();
      const span =
        asked.of === 'minutes'
          ? ok({ fromMs: now - asked.minutes * 60_000, toMs: now })
          : spanOf(context, asked.attemptId, now);
      if (!span.ok) return span;
      const { fromMs, toMs } = span.value;
      const kept = pos.recording();
      const frames = kept.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
      if (frames.length === 0) return fail('recordingEmpty');
      const workstation = workstationCode(context);
      const madeAt = instantNow(context);
      const file: FramesFile = {
        language: context.ports.settings.language(),
        workstation,
        terminal: [placeOf(pos.settings()), pos.health().terminalId].filter(Boolean).join(' · '),
        madeAt,
        madeBy: user.value.name,
        of: asked.of === 'minutes' ? { minutes: asked.minutes } : { attemptId: asked.attemptId },
        frames: frames.map(({ direction, atMs, hex }): Frame => ({ direction, atMs, hex })),
        cutOff: (kept[0]?.atMs ?? 0) > fromMs,
      };
      return ok({
        fileName: framesFileName(workstation, madeAt),
        text: framesText(file),
        frames: frames.length,
      });
    },
  };
}

/** What an attempt was asked before it was written down (the snapshot), and what the terminal still says behind its last word. */
const BEFORE_MS = 10_000;
const AFTER_MS = 10_000;

function spanOf(
  context: CounterContext,
  attemptId: Id,
  now: number,
): Result<{ fromMs: number; toMs: number }, 'cardAttemptUnknown'> {
  const attempt = factsOf(context).attempts.get(attemptId);
  if (!attempt) return fail('cardAttemptUnknown');
  const end = attempt.concluded === null ? now : Date.parse(attempt.concluded.at) + AFTER_MS;
  return ok({ fromMs: Date.parse(attempt.preparedAt) - BEFORE_MS, toMs: end });
}

/** Which terminal and where; never its password. */
function placeOf(settings: PosSettings): string {
  switch (settings.kind) {
    case 'none':
      return settings.kind;
    case 'zvtSerial':
      return `${settings.kind} ${settings.path} ${settings.baudRate}`;
    case 'zvtTcp':
    case 'nexo':
      return `${settings.kind} ${settings.host}:${settings.port}`;
    default:
      return unreachable(settings);
  }
}
