import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import type { Connection } from '../drivers/connection.ts';
import type { CardView, MeterCard } from '../drivers/driver.ts';
import { recognise } from '../drivers/registry.ts';
import type { CardSpec } from '../simulator/card-state.ts';
import type { Tear } from '../simulator/faults.ts';
import { authorise, isProofOfLoad, nextRecord, proven, type Proven } from './centre.ts';

/**
 * What every driver must keep, whatever is pulled out: what the till calls loaded is on the card, what it calls unknown is told
 * by the next reading, and nothing is there twice.
 */

/** A card of the kind in question in a reader, and hands to do things to it. */
export type CardBench = {
  readonly identity: { readonly cardId: string; readonly company: string; readonly meter: string };
  /** Puts the card in where it is out, and opens it. */
  connect(): Promise<Connection>;
  /** Lets the connection go and takes the card out. */
  pull(): Promise<void>;
  tear(tear: Partial<Tear> & Pick<Tear, 'moment'>): Promise<void>;
  /** No tear waits any more. */
  calm(): Promise<void>;
  useAtMeter(): Promise<void>;
  setWorn(worn: boolean): Promise<void>;
  /** What the card really holds, seen past every reader: its counter, and all credit it ever took. */
  truth(): Promise<{ readonly counter: number; readonly credit: number }>;
  /** APDUs it was told since it was asked last. */
  apdus(): Promise<number>;
  end(): Promise<void>;
};

export type Conformance = {
  readonly cardClass: 'A' | 'B';
  readonly make: (context: TestContext) => Promise<CardBench>;
  /** Every how many-th cut point is tried; 1: all. */
  readonly stride?: number;
};

export type Attempt = 'loaded' | 'refused' | 'unknown' | 'notBegun';

export const nonce = (): Uint8Array => new Uint8Array(randomBytes(16));
const TERMINAL = new Uint8Array(randomBytes(8));

/** One whole load as a till makes it; how far it came. */
export async function loadOnce(connection: Connection, amount: number, loadId: Uint8Array): Promise<Attempt> {
  const found = await recognise(connection);
  if (!found.ok) return 'notBegun';
  const card = found.value;
  if (card.cardClass === 'A') {
    const order = { amount, unit: card.identity.unit, loadId, terminal: TERMINAL, nonce: nonce() };
    const init = await card.initLoad(order);
    if (!init.ok) return 'notBegun';
    const s2 = authorise(card.identity, order, init.value);
    if (s2 === null) throw new Error('S1 is wrong');
    const loaded = await card.load(s2);
    if (loaded.outcome === 'loaded' && !isProofOfLoad(card.identity, order, loaded.value))
      throw new Error('S3 is wrong');
    return loaded.outcome;
  }
  const reading = await card.readStatus(nonce());
  if (!reading.ok) return 'notBegun';
  const written = await card.write(nextRecord(card.identity, reading.value.evidence, { loadId, amount }));
  return written.outcome;
}

/** What the card proves when it is read afresh. Throws where it proves nothing. */
export async function readAgain(
  connection: Connection,
): Promise<{ readonly card: MeterCard; readonly state: Proven; readonly view: CardView }> {
  const found = await recognise(connection);
  if (!found.ok) throw new Error(`not recognised: ${found.error.reason} ${found.error.detail}`);
  const asked = nonce();
  const reading = await found.value.readStatus(asked);
  if (!reading.ok) throw new Error(`not read: ${reading.error.reason} ${reading.error.detail}`);
  const state = proven(found.value.identity, asked, reading.value.evidence);
  if (state === null) throw new Error('its MAC is wrong');
  return { card: found.value, state, view: reading.value.view };
}

const MOMENTS = ['before', 'during', 'after'] as const;
const AMOUNT = 1500;
/** A daemon, and a machine that has much else to do. */
const PATIENCE_MS = 300_000;

export function conformance(name: string, { cardClass, make, stride = 1 }: Conformance): void {
  describe(`conformance: ${name}`, { timeout: PATIENCE_MS }, () => {
    const benches: CardBench[] = [];
    afterEach(async () => {
      for (const one of benches.splice(0)) await one.end();
    });
    async function bench(context: TestContext): Promise<CardBench> {
      const one = await make(context);
      benches.push(one);
      return one;
    }

    test('says what it is, reads it, takes a load', async (context) => {
      const one = await bench(context);
      const first = await readAgain(await one.connect());
      expect(first.card.cardClass).toBe(cardClass);
      expect(first.card.identity).toMatchObject({
        cardClass,
        company: one.identity.company,
        meter: one.identity.meter,
      });
      expect(first.view).toMatchObject({ counter: 0, balance: 0, last: null });
      const loadId = nonce();
      expect(await loadOnce(await one.connect(), AMOUNT, loadId)).toBe('loaded');
      const { state, view } = await readAgain(await one.connect());
      expect(state).toMatchObject({ counter: 1, lastLoadId: loadId });
      expect(view).toMatchObject({ counter: 1, balance: AMOUNT, last: { loadId, amount: AMOUNT } });
      expect(await one.truth()).toEqual({ counter: 1, credit: AMOUNT });
    });

    test('what the meter took and wrote back is read', async (context) => {
      const one = await bench(context);
      await loadOnce(await one.connect(), AMOUNT, nonce());
      await one.pull();
      await one.useAtMeter();
      const { state, view } = await readAgain(await one.connect());
      expect(state).toMatchObject({ counter: 1, takenThrough: 1 });
      expect(view.balance).toBe(0);
      expect(view.meter).toMatchObject({
        known: true,
        takenThrough: 1,
        remaining: AMOUNT,
        lastTaken: AMOUNT,
      });
      await loadOnce(await one.connect(), 200, nonce());
      await loadOnce(await one.connect(), 300, nonce());
      expect((await readAgain(await one.connect())).view.balance).toBe(cardClass === 'A' ? 500 : null);
    });

    test('torn at every command, before, during and after: the next reading tells, nothing is there twice', async (context) => {
      const one = await bench(context);
      await loadOnce(await one.connect(), AMOUNT, nonce());
      await one.apdus();
      await loadOnce(await one.connect(), AMOUNT, nonce());
      const commands = await one.apdus();
      expect(commands).toBeGreaterThan(2);
      let loads = 2;
      let point = 0;
      const seen = new Set<string>();
      for (let nth = 1; nth <= commands; nth += 1) {
        for (const moment of MOMENTS) {
          point += 1;
          // A code that is torn while it is presented costs a try: a test of its own.
          if (point % stride !== 0 || (cardClass === 'B' && moment === 'during' && nth === commands - 4))
            continue;
          const at = `${String(nth)} ${moment}`;
          const loadId = nonce();
          const connection = await one.connect();
          await one.tear({ nth, moment, bytes: (7 * point) % 40 });
          const said = await loadOnce(connection, AMOUNT, loadId);
          await one.calm();
          const truth = await one.truth();
          const { state } = await readAgain(await one.connect());
          expect(state.counter, at).toBe(truth.counter);
          const isOn = state.lastLoadId !== null && Buffer.compare(state.lastLoadId, loadId) === 0;
          expect(state.counter, at).toBe(isOn ? loads + 1 : loads);
          if (said === 'loaded') expect(isOn, at).toBe(true);
          if (said === 'refused' || said === 'notBegun') expect(isOn, at).toBe(false);
          seen.add(`${said} ${String(isOn)}`);
          // What did not arrive is loaded again under its own id; what arrived is not.
          if (!isOn) expect(await loadOnce(await one.connect(), AMOUNT, loadId), at).toBe('loaded');
          loads += 1;
          expect(await one.truth(), at).toEqual({ counter: loads, credit: loads * AMOUNT });
        }
      }
      if (stride === 1)
        for (const kind of ['unknown true', 'unknown false', 'notBegun false'])
          expect([...seen]).toContain(kind);
    });

    test('a worn card is not called loaded', async (context) => {
      const one = await bench(context);
      await loadOnce(await one.connect(), AMOUNT, nonce());
      await one.setWorn(true);
      expect(await loadOnce(await one.connect(), AMOUNT, nonce())).toBe('unknown');
      const { state } = await readAgain(await one.connect());
      expect(state.counter).toBe(1);
      await one.setWorn(false);
      expect(await loadOnce(await one.connect(), AMOUNT, nonce())).toBe('loaded');
    });
  });
}

/** A fresh card of each kind, for benches. */
export const SPECS = {
  purse: {
    kind: 'purse',
    key: 'purse',
    cardId: 'A100000000000001',
    company: '201',
    meter: 'GM104233',
    unit: 'money',
    maximum: 4_000_000_000,
  },
  purseT1: {
    kind: 'purse',
    key: 'purse-t1',
    cardId: 'A100000000000002',
    company: '202',
    meter: 'WM7',
    unit: 'litres',
    protocol: 't1',
    maximum: 4_000_000_000,
  },
  memory: {
    kind: 'memory',
    key: 'memory',
    cardId: 'B200000000000001',
    company: '201',
    meter: 'EM55501',
    unit: 'wattHours',
  },
  memoryWithProtection: {
    kind: 'memory',
    key: 'memory-p',
    cardId: 'B200000000000002',
    company: '202',
    meter: 'EM9',
    unit: 'money',
    protectionSent: true,
  },
  foreign: { kind: 'foreign', key: 'foreign' },
} as const satisfies Record<string, CardSpec>;
