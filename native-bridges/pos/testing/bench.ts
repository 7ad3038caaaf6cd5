import { randomBytes } from 'node:crypto';
import { uuidv7 } from '../../../contracts/ids.ts';
import { qepik } from '../../../contracts/money.ts';
import type { PosResult, PosSnapshot, TerminalReceipts } from '../../../contracts/pos.ts';
import type { HoldApproval, PosAttempt, PosEvent, Resolution } from '../../../core/ports/pos.ts';
import type { DriverMachine, PosDriver } from '../driver.ts';
import { steadyClock } from './steady-clock.ts';

/** What a bank has: one charge (or refund) of a card, and whether it was taken back. */
export type BankCharge = {
  readonly kind: 'sale' | 'refund';
  readonly amount: number;
  readonly reversed: boolean;
};

export type BenchCustomer = 'approves' | 'isDeclined' | 'cancels' | 'neverComes' | 'waits';

/** A driver with a terminal before it, in words that no protocol owns. */
export type Bench = {
  /** A new driver for the same terminal, not opened yet. */
  readonly connect: () => PosDriver;
  /** What the bank has, however it came to be. */
  readonly truth: () => readonly BankCharge[] | Promise<readonly BankCharge[]>;
  readonly customer: (does: BenchCustomer) => void;
  /** Prepares one of the faults the bench was announced with; it strikes once, at the next occasion. */
  readonly fault: (name: string) => void;
  /** Takes back a fault that found no occasion, so that it does not strike a later operation. */
  readonly clearFaults: () => void;
  /** The bank takes long with the next charge, so that something can be done meanwhile. */
  readonly slowBank: () => void;
  readonly restartTerminal: () => void | Promise<void>;
  readonly power: (on: boolean) => void | Promise<void>;
  readonly cutLine: () => void | Promise<void>;
  /** Lines that the terminal's side has open now; null where it does not tell. */
  readonly lines: (() => number) | null;
  /** The number of the card in every customer's hand. */
  readonly pan: string;
  readonly stop: () => Promise<void>;
};

/** A machine whose log and timers can be looked at. */
export type BenchMachine = DriverMachine & { readonly logged: string[]; readonly timers: () => number };

export function benchMachine(): BenchMachine {
  const clock = steadyClock();
  const logged: string[] = [];
  return {
    nowMs: () => Date.now(),
    monotonicMs: clock.elapsedMs,
    after: clock.after,
    log: (level, event, fields) => void logged.push(JSON.stringify([level, event, fields ?? {}])),
    logged,
    timers: clock.timers,
  };
}

export const mintId = (): string => uuidv7(Date.now(), randomBytes(10));
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so; says what it waited for when it never is. */
export async function until(
  what: string,
  so: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await so())) {
    if (performance.now() > endsAt) throw new Error(`waited in vain: ${what}`);
    await pause(5);
  }
}

export const untilReady = (driver: PosDriver): Promise<void> =>
  until('the terminal is ready', () => driver.health().state === 'ready');

/** An attempt as the journal would have it, with the snapshot taken now. */
export async function attemptOf(
  driver: PosDriver,
  kind: PosAttempt['kind'],
  amount: number,
  original: PosAttempt['original'] = null,
): Promise<PosAttempt> {
  let snapshot: PosSnapshot | null = null;
  await until('the terminal says what it did last', async () => {
    const answer = await driver.snapshot();
    if (answer.kind === 'snapshot') ({ snapshot } = answer);
    return snapshot !== null;
  });
  if (snapshot === null) throw new Error('no snapshot');
  return { attemptId: mintId(), kind, amount: qepik(amount), snapshot, original };
}

/** Does what takes the terminal away, and waits until it answers again. Some lines make no sound when they break. */
export async function awayAndBack(driver: PosDriver, takeAway: () => void | Promise<void>): Promise<void> {
  await takeAway();
  await until('the terminal answers again', async () => (await driver.totals()).kind === 'totals');
  await untilReady(driver);
}

/** A journal that keeps what it is given, or does not. */
export type Journal = {
  readonly hold: HoldApproval;
  readonly held: { readonly result: PosResult; readonly receipts: TerminalReceipts }[];
};
export function journal(answers: boolean | 'throws' = true): Journal {
  const held: Journal['held'] = [];
  return {
    held,
    async hold(result, receipts) {
      held.push({ result, receipts });
      await pause(1);
      if (answers === 'throws') throw new Error('disk full');
      return answers;
    },
  };
}

/** Everything that a driver let out while it was watched. */
export function listen(driver: PosDriver): PosEvent[] {
  const events: PosEvent[] = [];
  driver.watch((event) => events.push(event));
  return events;
}

/** Asks as the core does, again and again, until the terminal has said what became of it. */
export async function settled(
  driver: PosDriver,
  attempt: PosAttempt,
): Promise<Exclude<Resolution, { kind: 'stillUnknown' }>> {
  for (let ask = 0; ask < 40; ask++) {
    const resolution = await driver.resolve(attempt);
    if (resolution.kind !== 'stillUnknown') return resolution;
    await pause(20);
  }
  throw new Error('the outcome never became known');
}

/** What of an attempt's kind and amount stands at the bank. */
export async function standing(bench: Bench, kind: BankCharge['kind'], amount: number): Promise<number> {
  return (await bench.truth()).filter((one) => one.kind === kind && one.amount === amount && !one.reversed)
    .length;
}
