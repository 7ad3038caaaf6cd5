import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EcrCommand, Message } from '../zvt/message.ts';
import { encodeTlv } from '../zvt/tlv.ts';
import { charges, refunds, stands } from './bank.ts';
import { step } from './terminal.ts';
import {
  DEFAULT_TERMS,
  FACTORY_NEW,
  powerOn,
  type Durable,
  type Effect,
  type Terminal,
  type TerminalEvent,
  type TerminalTerms,
  type TimerName,
} from './terminal-state.ts';

const NOON = Date.UTC(2026, 10, 27, 8, 0, 0);

/** The machine with its timers, its plug, and a book of what a till has said yes to: kept apart from the machine's own. */
function workbench(terms: TerminalTerms, first: Durable = FACTORY_NEW) {
  let state: Terminal = step(powerOn(terms, first), { kind: 'start' }, NOON).state;
  const armed = new Set<TimerName>();
  let now = NOON;
  let owed: Message | null = null;
  const sent: Message[] = [];

  function act(event: TerminalEvent): void {
    now += 1;
    const next = step(state, event, now);
    state = next.state;
    for (const effect of next.effects) perform(effect);
  }
  function perform(effect: Effect): void {
    if (effect.kind === 'timer') armed.add(effect.timer);
    if (effect.kind === 'stop') {
      armed.delete(effect.timer);
      if (effect.timer === 'reply') owed = null;
    }
    if (effect.kind === 'hangUp') owed = null;
    if (effect.kind !== 'send') return;
    sent.push(effect.message);
    if (effect.replyWithinMs === null) return;
    // Master right: the terminal says nothing new before the last thing was answered or given up.
    expect(owed).toBeNull();
    owed = effect.message;
  }
  return {
    act,
    get state() {
      return state;
    },
    get owed() {
      return owed;
    },
    sent,
    armed,
    fire(timer: TimerName) {
      if (timer === 'reply' ? owed === null : !armed.has(timer)) return false;
      armed.delete(timer);
      if (timer === 'reply') owed = null;
      act({ kind: 'timer', timer });
      return true;
    },
    reply(error: number | null) {
      if (owed === null) return null;
      const answered = owed;
      owed = null;
      act({ kind: 'reply', reply: error === null ? { name: 'positive' } : { name: 'negative', error } });
      return answered;
    },
    powerCycle() {
      owed = null;
      armed.clear();
      state = powerOn(terms, state.durable);
      act({ kind: 'start' });
    },
  };
}
type Bench = ReturnType<typeof workbench>;

const registration = (config: number, blocks: boolean): EcrCommand => ({
  name: 'registration',
  password: '000000',
  config,
  currency: 944,
  ...(blocks
    ? {
        tlv: [{ tag: 0x26, value: encodeTlv([{ tag: 0x0a, value: Uint8Array.of(0x06, 0xd3) }]) }],
      }
    : {}),
});

function register(bench: Bench, config: number, blocks = true): void {
  bench.act({ kind: 'command', command: registration(config, blocks) });
  bench.reply(null);
}

/** Everything goes on until nothing is left to go on: no till answers, no customer acts, every timer ends. */
function runOut(bench: Bench): void {
  for (let turn = 0; turn < 200; turn += 1) {
    const fired =
      bench.fire('reply') ||
      (['card', 'pin', 'host', 'again', 'hold', 'removal', 'reversal', 'work'] as const).some((timer) =>
        bench.fire(timer),
      );
    if (!fired && bench.state.procedure === null) return;
    if (!fired) throw new Error(`stuck in ${String(bench.state.procedure?.phase)}`);
  }
  throw new Error('it never ends');
}

describe('money', () => {
  type Do =
    | { readonly do: 'pay' | 'refund'; readonly amount: number }
    | { readonly do: 'reverse'; readonly which: number }
    /** Customer, host and till do what is due, so many times; then the till gives this answer. */
    | { readonly do: 'goOn'; readonly steps: number; readonly error: number | null }
    | { readonly do: 'reply'; readonly error: number | null }
    | { readonly do: 'timer'; readonly timer: TimerName }
    | {
        readonly do: 'customer';
        readonly what: 'insert' | 'tap' | 'poor' | 'right' | 'wrong' | 'cancel' | 'pull';
      }
    | { readonly do: 'lineLost' | 'powerCycle' | 'abort' | 'register' | 'endOfDay' | 'status' | 'repeat' };

  const timers = ['card', 'pin', 'host', 'reply', 'again', 'hold', 'removal', 'reversal', 'work'] as const;
  const doing: fc.Arbitrary<Do> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('pay'), amount: fc.integer({ min: 1, max: 50_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('refund'), amount: fc.integer({ min: 1, max: 50_000 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('reverse'), which: fc.nat(5) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('goOn'),
        steps: fc.oneof(fc.integer({ min: 1, max: 14 }), fc.constant(60)),
        error: fc.constantFrom(null, null, 0x66, 0x9c, 0xcc),
      }),
    },
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constant('reply'),
        error: fc.oneof(
          { weight: 8, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.constantFrom(0x66, 0x9c, 0xcc, 0x00, 0x9d) },
        ),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('timer'), timer: fc.constantFrom(...timers) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('timer'), timer: fc.constant('host') }) },
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constant('customer'),
        what: fc.constantFrom('insert', 'insert', 'tap', 'poor', 'right', 'right', 'wrong', 'cancel', 'pull'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('lineLost', 'powerCycle', 'abort', 'register', 'endOfDay', 'status', 'repeat'),
      }),
    },
  ) as fc.Arbitrary<Do>; // fc.record widens its constants

  const variety = fc.record({
    config: fc.constantFrom(0xbe, 0x8e, 0x3e, 0x9c, 0x86),
    blocks: fc.boolean(),
    terms: fc.record({
      hangsUp: fc.boolean(),
      pinAt: fc.constantFrom('card', 'host'),
      afterPowerCut: fc.constantFrom('reverseAtStart', 'reverseBeforeNext'),
      afterAutoReversal: fc.constantFrom('declined', 'previous'),
    }),
  });

  /**
   * The invariant. A financial transaction is CONFIRMED when the till said yes (80 00 or 84 00) to its 04 0F with result 0 and
   * then to every paper that followed. Whatever else happened, at every moment
   *   entries that hold at the bank = the confirmed ones + at most the one that waits for its yes,
   * and when everything has run out, that one is gone too, unless its reversal is due before the next transaction.
   */
  test('the bank holds exactly what the till said yes to', () => {
    const seen = { confirmed: 0, takenBack: 0, reversed: 0, powerCuts: 0, refunds: 0 };
    fc.assert(
      fc.property(variety, fc.array(doing, { minLength: 5, maxLength: 90 }), (kind, deeds) => {
        const terms: TerminalTerms = { ...DEFAULT_TERMS, ...kind.terms } as TerminalTerms; // as above
        const bench = workbench(terms);
        register(bench, kind.config, kind.blocks);
        /** Traces of what was confirmed; written by watching the till's answers alone. */
        const confirmed = new Set<string>();
        let wait: { trace: string; papers: number } | null = null;
        const lines = (config: number): number =>
          (config & 0x82) !== 0x82 ? 0 : kind.blocks ? 2 : Number.POSITIVE_INFINITY;

        const check = (settled: boolean): void => {
          const { bank, memory } = bench.state.durable;
          const holding = bank.filter(({ no }) => stands(bank, no) && bank[no - 1]?.why === 'till');
          const open = memory.pending?.trace;
          const expected = holding.map(({ trace }) => trace).filter((trace) => trace !== open);
          for (const trace of expected) expect(confirmed).toContain(trace);
          for (const trace of confirmed) {
            const entry = bank.find((one) => one.trace === trace);
            // An earlier reversal may have been taken back itself; the one that holds is what counts.
            const by = bank.find((one) => one.of === entry?.no && stands(bank, one.no));
            if (by === undefined) expect(expected).toContain(trace);
            // Reversed: only by one that was confirmed itself, or that waits for its yes.
            else expect(by.trace === open || confirmed.has(by.trace)).toBe(true);
          }
          if (settled && terms.afterPowerCut === 'reverseAtStart') expect(open).toBeUndefined();
        };

        for (const deed of deeds) {
          apply(deed);
          check(false);
        }
        runOut(bench);
        check(true);
        seen.confirmed += confirmed.size;
        seen.takenBack += bench.state.durable.bank.filter(({ why }) => why === 'auto').length;
        seen.reversed += bench.state.durable.bank.filter(
          ({ kind, why }) => kind === 'reversal' && why === 'till',
        ).length;
        seen.refunds += refunds(bench.state.durable.bank).length;

        function apply(deed: Do): void {
          switch (deed.do) {
            case 'pay':
              return bench.act({
                kind: 'command',
                command: { name: 'authorisation', amount: deed.amount, currency: 944 },
              });
            case 'refund':
              return bench.act({
                kind: 'command',
                command: { name: 'refund', password: '000000', amount: deed.amount },
              });
            case 'reverse': {
              const held = bench.state.durable.memory.batch;
              const one = held[deed.which % Math.max(1, held.length)];
              const receiptNo = one?.receiptNo ?? '0001';
              return bench.act({
                kind: 'command',
                command: { name: 'reversal', password: '000000', receiptNo },
              });
            }
            case 'reply': {
              const { owed } = bench;
              if (owed === null) return;
              const isYes = deed.error === null || deed.error === 0;
              noteAnswer(owed, isYes, deed.error === 0x9c);
              bench.reply(deed.error);
              if (bench.state.durable.memory.pending === null) wait = null;
              return;
            }
            case 'timer':
              if (deed.timer === 'reply' && bench.owed !== null) wait = null;
              bench.fire(deed.timer);
              return;
            case 'customer':
              return customer(deed.what);
            case 'goOn': {
              for (let at = 0; at < deed.steps && bench.state.procedure !== null; at += 1) goOn();
              return apply({ do: 'reply', error: deed.error });
            }
            case 'lineLost':
              wait = null;
              return bench.act({ kind: 'lineLost' });
            case 'powerCycle':
              wait = null;
              seen.powerCuts += 1;
              bench.powerCycle();
              return register(bench, kind.config, kind.blocks);
            case 'abort':
              return bench.act({ kind: 'command', command: { name: 'abort' } });
            case 'register':
              return bench.act({ kind: 'command', command: registration(kind.config, kind.blocks) });
            case 'endOfDay':
              return bench.act({ kind: 'command', command: { name: 'endOfDay', password: '000000' } });
            case 'status':
              return bench.act({ kind: 'command', command: { name: 'statusEnquiry' } });
            case 'repeat':
              return bench.act({
                kind: 'command',
                command: { name: 'repeatReceipt', password: '000000', serviceByte: 3 },
              });
          }
        }

        function goOn(): void {
          if (bench.owed !== null) return apply({ do: 'reply', error: null });
          const phase = bench.state.procedure?.phase;
          if (phase === 'card') return customer('insert');
          if (phase === 'pin') return customer('right');
          if (bench.state.cardInside !== null && (phase === 'removal' || phase === 'reversing'))
            return customer('pull');
          for (const timer of ['host', 'again', 'reversal', 'work'] as const) if (bench.fire(timer)) return;
        }

        /** What a till's answer means for the money, told from what passed on the line only. */
        function noteAnswer(owed: Message, isYes: boolean, isWait: boolean): void {
          const papers = lines(bench.state.session.config);
          const pending = bench.state.durable.memory.pending?.trace;
          if (owed.name === 'statusInformation' && owed.result === 0 && owed.trace === pending) {
            wait = isYes && pending !== undefined ? { trace: pending, papers } : null;
            if (isWait) return;
          } else if (owed.name === 'printBlock' || owed.name === 'printLine') {
            if (wait === null) return;
            // A line says itself whether it is the last of its paper: two papers, two last lines.
            const ends = owed.name === 'printBlock' || owed.attribute === 0xc0;
            const left = Number.isFinite(wait.papers) ? wait.papers : 2;
            wait = isYes ? { ...wait, papers: left - (ends ? 1 : 0) } : null;
          } else return;
          if (wait !== null && wait.papers === 0) {
            confirmed.add(wait.trace);
            wait = null;
          }
        }

        function customer(what: Extract<Do, { do: 'customer' }>['what']): void {
          const present = { act: 'present', hostCode: null, hostMs: null } as const;
          const acts = {
            insert: { ...present, card: 'visa', how: 'insert' },
            tap: { ...present, card: 'mastercard', how: 'tap' },
            poor: { ...present, card: 'poor', how: 'insert' },
            right: { act: 'pin', right: true },
            wrong: { act: 'pin', right: false },
            cancel: { act: 'cancel' },
            pull: { act: 'pull' },
          } as const;
          bench.act({ kind: 'customer', act: acts[what] });
        }
      }),
      { numRuns: 3000 },
    );
    // The property has met what it is about.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });
});

describe('the machine', () => {
  test('numbers come round: 0001 follows 9999', () => {
    const first: Durable = {
      ...FACTORY_NEW,
      memory: { ...FACTORY_NEW.memory, receiptNo: 9999, trace: 999_999 },
    };
    const bench = workbench(DEFAULT_TERMS, first);
    register(bench, 0x9c);
    bench.act({ kind: 'command', command: { name: 'authorisation', amount: 100, currency: 944 } });
    bench.reply(null);
    bench.act({
      kind: 'customer',
      act: { act: 'present', card: 'visa', how: 'tap', hostCode: null, hostMs: null },
    });
    while (bench.owed !== null) bench.reply(null);
    bench.fire('host');
    expect(bench.owed).toMatchObject({ name: 'statusInformation', receiptNo: '0001', trace: '000001' });
    bench.reply(null);
    expect(charges(bench.state.durable.bank)).toHaveLength(1);
  });
});
