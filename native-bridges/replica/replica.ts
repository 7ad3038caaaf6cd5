import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplicaPort } from '../../core/ports/replica.ts';
import { isDamage, wordsOf } from './damage.ts';
import { openGeneration, type Generation } from './generation.ts';
import { openKept, type Kept } from './kept.ts';

export type ReplicaOptions = {
  readonly folder: string;
  /** Told when a cache could not be read and is loaded again from the centre. */
  readonly onUnreadable: (reason: string) => void;
};

type Open = { readonly name: string; readonly generation: Generation };

/**
 * The replica in a folder of its own: `kept.sqlite` (durable) and `generation-N.sqlite` (cache). A page with `restart`
 * begins a new generation beside the present one; the last page of it makes them change places. The journal's lock
 * guards the folder too: one process at a time. Throws when the durable part cannot be opened.
 */
export function createReplica({ folder, onUnreadable }: ReplicaOptions): ReplicaPort & { close(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = openKept(join(folder, 'kept.sqlite'), onUnreadable);
  const fileOf = (name: string): string => join(folder, `${name}.sqlite`);
  const removeFile = (name: string): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(fileOf(name) + suffix, { force: true });
  };
  const open = (name: string): Open => ({ name, generation: openGeneration(fileOf(name)) });
  const reopen = (name: string | null): Open | null => {
    if (name === null) return null;
    try {
      return open(name);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onUnreadable(`${name}: ${wordsOf(error)}`);
      removeFile(name);
      return null;
    }
  };

  const noted = kept.get('generations') ?? { current: null, building: null };
  let current = reopen(noted.current);
  let building = reopen(noted.building);
  const note = (): void =>
    kept.set('generations', { current: current?.name ?? null, building: building?.name ?? null });
  note();
  // What a start left that ended between two steps.
  for (const file of readdirSync(folder)) {
    const name = /^(generation-\d+)\.sqlite$/.exec(file)?.[1];
    if (name !== undefined && name !== current?.name && name !== building?.name) removeFile(name);
  }

  const discard = (old: Open | null): void => {
    if (old === null) return;
    old.generation.close();
    removeFile(old.name);
  };
  const begin = (): Open => {
    const old = building;
    const name = nextName(current, old);
    removeFile(name); // of a start that ended before it was noted
    building = open(name);
    note();
    discard(old);
    return building;
  };
  const changePlaces = (complete: Open): void => {
    const old = current;
    // The journal may not have reached the centre yet: who was registered here must not disappear meanwhile.
    for (const subscriber of old?.generation.localSubscribers() ?? []) {
      if (complete.generation.subscriber(subscriber.code) === undefined) {
        complete.generation.putSubscriber(subscriber);
      }
    }
    current = complete;
    building = null;
    note();
    discard(old);
  };
  /** Where to look things up. While the very first load runs, what has come so far is better than nothing. */
  const shown = (): Open | null => current ?? building;

  /** Throws a damaged cache away; the next page asked for is the first of a new one. */
  function forget(damaged: Open, error: unknown): void {
    onUnreadable(`${damaged.name}: ${wordsOf(error)}`);
    if (current === damaged) current = null;
    if (building === damaged) building = null;
    note();
    discard(damaged);
  }

  /** Looks something up; a cache that turns out to be damaged is as one that is not there. */
  function ask<T>(question: (generation: Generation) => T, otherwise: T, open = shown()): T {
    if (open === null) return otherwise;
    try {
      return question(open.generation);
    } catch (error) {
      if (!isDamage(error)) throw error;
      forget(open, error);
      return otherwise;
    }
  }

  function change(target: Open | null, act: (generation: Generation) => void): void {
    if (target === null) return;
    try {
      act(target.generation);
    } catch (error) {
      if (!isDamage(error)) throw error;
      forget(target, error);
    }
  }

  const nothing = { accounts: [], subscribers: [] } as const;
  return {
    cursor: () => ask((generation) => generation.cursor(), null, building ?? current),
    apply(page) {
      const target = page.restart ? begin() : (building ?? current ?? begin());
      change(target, (generation) => generation.apply(page));
      if (!page.more && target === building) changePlaces(target);
    },
    trueAt: () => ask((generation) => generation.trueAt(), null, current),
    accountCount: () => ask((generation) => generation.accountCount(), 0),
    account: (billerId, account) => ask((generation) => generation.account(billerId, account), undefined),
    subscriber: (code) => ask((generation) => generation.subscriber(code), undefined),
    putSubscriber(subscriber) {
      change(current, (generation) => generation.putSubscriber(subscriber));
      change(building, (generation) => generation.putSubscriber(subscriber));
    },
    subscribersOf: (billerId, account) =>
      ask((generation) => generation.subscribersOf(billerId, account), []),
    findByAccount: (text, limit) => ask(({ search }) => search.byAccount(text, limit), []),
    findByPhone: (digits, limit) => ask(({ search }) => search.byPhone(digits, limit), nothing),
    findByWords: (words, limit) => ask(({ search }) => search.byWords(words, limit), nothing),
    ...keptValues(kept),
    close() {
      current?.generation.close();
      building?.generation.close();
      kept.close();
    },
  };
}

const nextName = (...taken: readonly (Open | null)[]): string => {
  const numbers = taken.map((each) => Number(each?.name.replace('generation-', '') ?? 0));
  return `generation-${Math.max(0, ...numbers) + 1}`;
};

/** The durable values: read once, written through. */
function keptValues(
  kept: Kept,
): Pick<
  ReplicaPort,
  'billers' | 'putBillers' | 'counter' | 'putCounter' | 'codeBlocks' | 'beginLease' | 'putCodeBlock'
> {
  let billers = kept.get('billers') ?? [];
  let counter = kept.get('counter');
  let blocks = kept.get('blocks') ?? [];
  return {
    billers: () => billers,
    putBillers(latest) {
      kept.set('billers', [...latest]);
      billers = [...latest];
    },
    counter: () => counter,
    putCounter(value) {
      kept.set('counter', value);
      counter = value;
    },
    codeBlocks: () => blocks,
    beginLease(mint) {
      const begun = kept.get('lease');
      if (begun !== null) return begun.leaseId;
      const leaseId = mint();
      kept.set('lease', { leaseId });
      return leaseId;
    },
    putCodeBlock(block) {
      const latest = blocks.some(({ leaseId }) => leaseId === block.leaseId) ? blocks : [...blocks, block];
      kept.together(() => {
        kept.set('blocks', latest);
        if (kept.get('lease')?.leaseId === block.leaseId) kept.drop('lease');
      });
      blocks = latest;
    },
  };
}
