import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplicaPort } from '../../core/ports/replica.ts';
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
  const kept = openKept(join(folder, 'kept.sqlite'));
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
      onUnreadable(`${name}: ${error instanceof Error ? error.message : String(error)}`);
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
    current = complete;
    building = null;
    note();
    discard(old);
  };
  /** Where to look things up. While the very first load runs, what has come so far is better than nothing. */
  const shown = (): Open | null => current ?? building;
  const nothing = { accounts: [], subscribers: [] } as const;

  return {
    cursor: () => (building ?? current)?.generation.cursor() ?? null,
    apply(page) {
      const target = page.restart ? begin() : (building ?? current ?? begin());
      target.generation.apply(page);
      if (!page.more && target === building) changePlaces(target);
    },
    trueAt: () => current?.generation.trueAt() ?? null,
    accountCount: () => shown()?.generation.accountCount() ?? 0,
    account: (billerId, account) => shown()?.generation.account(billerId, account),
    subscriber: (code) => shown()?.generation.subscriber(code),
    putSubscriber(subscriber) {
      current?.generation.putSubscriber(subscriber);
      building?.generation.putSubscriber(subscriber);
    },
    subscribersOf: (billerId, account) => shown()?.generation.subscribersOf(billerId, account) ?? [],
    findByAccount: (text, limit) => shown()?.generation.search.byAccount(text, limit) ?? [],
    findByPhone: (digits, limit) => shown()?.generation.search.byPhone(digits, limit) ?? nothing,
    findByWords: (words, limit) => shown()?.generation.search.byWords(words, limit) ?? nothing,
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
