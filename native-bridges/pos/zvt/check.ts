import type { PosCheck, PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosHealth } from '../../../core/ports/pos.ts';
import type { DriverMachine } from '../driver.ts';
import type { Ready } from './connection.ts';
import type { DialogueEnd } from './dialogue.ts';
import type { Fields } from './message.ts';
import { lastHeld, printAgain, type LastHeldAnswer } from './operations.ts';
import { reasonOfStatus } from './reasons.ts';
import { enquire } from './registration.ts';
import { AZN } from './result.ts';

/** How far the terminal's clock may be off before somebody looks for a transaction at the wrong time. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const CLOCK_WRONG = 0x62;
const DAY_OPEN: ReadonlySet<number> = new Set([0xf0, 0xb1]);

/** How the words of a refused registration fall on what is checked. */
const ABOUT_REFUSAL: Readonly<Record<string, PosCheck['what']>> = { currencyWrong: 'currency' };

/**
 * The check that a terminal is set up as it must be. Moves no money and changes nothing at the terminal.
 *
 * @param ready null when it could not be connected or registered; `health` then says why
 */
export async function checkTerminal(
  ready: Ready | null,
  health: PosHealth,
  password: string,
  machine: Pick<DriverMachine, 'nowMs'>,
  done: (check: PosCheck) => void,
): Promise<void> {
  const say = (what: PosCheck['what'], state: PosCheck['state'], reason: PosReason | null = null): void =>
    done({ what, state, reason });

  if (ready === null) {
    const reason = health.reason ?? posReason('silent');
    if (health.state !== 'refused') return say('connection', 'wrong', reason);
    say('connection', 'right');
    return say(ABOUT_REFUSAL[reason.code] ?? 'password', 'wrong', reason);
  }
  const { session, registration } = ready;
  say('connection', 'right');
  say('password', 'right');
  if (registration.currency === AZN) say('currency', 'right');
  else if (registration.currency === null) say('currency', 'unsure');
  else say('currency', 'wrong', posReason('currencyWrong', String(registration.currency)));

  const state = await enquire(session, password);
  const status = state.kind === 'state' ? state.status : null;
  const talk = status === CLOCK_WRONG ? null : await session.run({ name: 'diagnosis' });
  say('clock', ...clockOf(status, talk, machine.nowMs()));
  if (status === null) say('endOfDay', 'unsure');
  else if (DAY_OPEN.has(status)) say('endOfDay', 'wrong', reasonOfStatus(status));
  else say('endOfDay', 'right');

  const last = await lastHeld(session, password);
  say('recovery', ...recoveryOf(last));
  if (last.kind !== 'record')
    return say('receipts', 'unsure', last.kind === 'nothing' ? posReason('nothingHeld') : null);
  const again = await printAgain(session, password);
  if (again.kind === 'receipts') say('receipts', 'right');
  else say('receipts', 'wrong', again.reason);
}

type Verdict = readonly [PosCheck['state'], PosReason | null];

function clockOf(status: number | null, talk: DialogueEnd | null, nowMs: number): Verdict {
  if (status === CLOCK_WRONG) return ['wrong', reasonOfStatus(status)];
  const stated = talk === null ? null : (timeOf(talk.fields) ?? (talk.status && timeOf(talk.status)));
  if (stated === null || stated === undefined) return ['unsure', null];
  const off = stated - nowMs;
  return Math.abs(off) <= CLOCK_TOLERANCE_MS
    ? ['right', null]
    : ['wrong', posReason('clockWrong', `${String(Math.round(off / 60_000))} min`)];
}

/** The terminal's date and time as this machine's zone reads it; both stand on one counter. */
function timeOf(fields: Fields): number | null {
  const { time, longDate } = fields;
  if (time === undefined || longDate === undefined) return null;
  const part = (text: string, at: number): number => Number(text.slice(at, at + 2));
  const at = new Date(
    2000 + part(longDate, 0),
    part(longDate, 2) - 1,
    part(longDate, 4),
    part(time, 0),
    part(time, 2),
    part(time, 4),
  ).getTime();
  return Number.isNaN(at) ? null : at;
}

function recoveryOf(last: LastHeldAnswer): Verdict {
  switch (last.kind) {
    case 'record':
      return ['right', null];
    case 'nothing':
      return ['unsure', posReason('nothingHeld')];
    default:
      return ['wrong', last.reason];
  }
}
