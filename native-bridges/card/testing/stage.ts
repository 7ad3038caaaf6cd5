import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { forkCardProcess } from '../transport/card-process.ts';
import type { CardResult, CardSight, CardTransport, ReaderState } from '../transport/port.ts';
import { createCardTransport } from '../transport/transport.ts';
import type { Pcscd } from './pcscd.ts';

/** What tests of the transport over a real daemon share. */

export type LoggedEvent = {
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number>>;
};

export type Stage = {
  readonly transport: CardTransport;
  readonly log: readonly LoggedEvent[];
  /** Ids of the card processes that were started, in their order. */
  readonly pids: readonly number[];
};

/** A transport to this daemon and no other; disposed of at the end of the test. */
export function transportTo(
  daemon: Pcscd,
  context: { onTestFinished(clean: () => Promise<void>): void },
): Stage {
  const log: LoggedEvent[] = [];
  const pids: number[] = [];
  const fork = forkCardProcess(undefined, daemon.environment);
  const transport = createCardTransport({
    nowMs: Date.now,
    log: (event, fields) => log.push({ event, fields }),
    start: (heard, ended) => {
      const process = fork(heard, ended);
      if (process.pid !== null) pids.push(process.pid);
      return process;
    },
  });
  context.onTestFinished(() => transport.dispose());
  return { transport, log, pids };
}

/** Until that is to be seen. */
export function untilSeen(transport: CardTransport, is: (sight: CardSight) => boolean): Promise<CardSight> {
  const { promise, resolve } = Promise.withResolvers<CardSight>();
  const stop = transport.watch((sight) => {
    if (is(sight)) resolve(sight);
  });
  return promise.finally(stop);
}

export const readerIn = (sight: CardSight, name: string): ReaderState | undefined =>
  sight.readers.find((reader) => reader.name === name);

/** Until the reader says so of its card. */
export async function untilCard(
  transport: CardTransport,
  name: string,
  card: ReaderState['card'],
): Promise<ReaderState> {
  const sight = await untilSeen(transport, (one) => readerIn(one, name)?.card === card);
  const reader = readerIn(sight, name);
  if (reader === undefined) throw new Error('seen and gone');
  return reader;
}

/** What must have succeeded. */
export function value<T>(result: CardResult<T>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The failure of what must have failed. */
export function failure(result: CardResult<unknown>): Extract<CardResult<unknown>, { ok: false }>['error'] {
  if (result.ok) throw new Error(`succeeded: ${JSON.stringify(result.value)}`);
  return result.error;
}

/** Whether a process of ours lives. A killed one that nobody has fetched yet does not. */
export function isAlive(pid: number | undefined): boolean {
  if (pid === undefined || !existsSync(`/proc/${pid}`)) return false;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it ended between the two looks
  }
}

/** Until a process has ended. */
export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await wait(20);
}

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
export const hexOf = (some: Uint8Array): string => Buffer.from(some).toString('hex');
