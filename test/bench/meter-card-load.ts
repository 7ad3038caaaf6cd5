import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { qepik } from '../../contracts/money.ts';
import { startCentreProcess } from '../../main/demo/centre-process.ts';
import { must } from '../../main/demo/day/teller.ts';
import { komis } from '../../main/demo/komis-cli.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import type { CardConnection, CardTransport } from '../../native-bridges/card/transport/port.ts';
import { fillCentre } from '../e2e/demo.ts';
import {
  freeRules,
  LIGHT,
  loadCounter,
  type LoadCounter,
  type LoadPlace,
} from '../faults/testing/load-counter.ts';
import { percentile, type Bench } from './bench.ts';

const LOADS = 200;
const WARM_UP = 20;
/** Real cards take 12 to 94 ms for a command; a card of this bench takes its time as well. */
const APDU_MS = 30;

/**
 * A load of a purse card from the money to its receipt: the payment into the journal and to the centre, nonce, INIT LOAD, the
 * centre's order, the intent into the journal, LOAD, the last word. Card and reader are virtual, without PC/SC; the centre is
 * on this machine, over TLS. The ratio is the whole ÷ Σ of the commands to the card.
 */
export const meterCardLoad: Bench = {
  name: 'load of a meter card / its APDUs',
  limit: { kind: 'report' },
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'komis-bench-load-'));
    const undo: (() => Promise<unknown>)[] = [];
    try {
      return await measure(folder, undo);
    } finally {
      for (const step of undo.reverse()) await step();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, undo: (() => Promise<unknown>)[]) {
  const dataDir = join(folder, 'centre');
  const centre = await startCentreProcess({ dataDir, port: 0, env: { KOMIS_LOG_LEVEL: 'warn' } });
  undo.push(() => centre.running.stop());
  await fillCentre(dataDir, folder, 'WS07');
  const ask: LoadPlace['komis'] = (args, schema) => komis({ dataDir }, args, schema);
  const place: LoadPlace = {
    folder,
    komis: ask,
    centre: { url: () => centre.url, caFile: () => centre.caFile },
    enrolmentCode: async (code) =>
      (await ask(['workstations', 'enrol-code', code], z.object({ code: z.string() }))).code,
  };
  await freeRules(place);
  const clock = { apduMs: 0, apdus: 0 };
  const counter = await loadCounter(place, 'WS07', { through: (readers) => timed(readers, clock) });
  undo.push(() => counter.stop());
  counter.cards.deck.condition(LIGHT, { slowMs: APDU_MS });
  counter.cards.deck.insert(LIGHT, 0);

  const totals: number[] = [];
  const ours: number[] = [];
  const ratios: number[] = [];
  for (let n = 0; n < WARM_UP + LOADS; n += 1) {
    const one = await load(counter, clock, 100 + n);
    if (n < WARM_UP) continue;
    totals.push(one.totalMs);
    ours.push(one.totalMs - one.apduMs);
    ratios.push(one.totalMs / one.apduMs);
  }
  const middle = (values: readonly number[]): number => percentile(values, 0.5);
  return {
    ratio: middle(ratios),
    details: {
      ratioP99: percentile(ratios, 0.99),
      totalP50Ms: middle(totals),
      oursP50Ms: middle(ours),
      oursP99Ms: percentile(ours, 0.99),
      apduMs: APDU_MS,
      apdusPerLoad: clock.apdus,
      loads: LOADS,
    },
  };
}

async function load(
  { ask, where }: LoadCounter,
  clock: { apduMs: number; apdus: number },
  amount: number,
): Promise<{ readonly totalMs: number; readonly apduMs: number }> {
  must('the next customer', await ask()['basket.clear']({}));
  await where('the card known', ({ card }) => card?.stage === 'known');
  must('the price', await ask()['meterCard.order']({ amount: qepik(amount) }));
  must('to the money', await ask()['basket.tender']({ back: false }));
  const { paymentId, revision, total } = await stateWhere(
    ask().counter,
    'the money',
    ({ stage }) => stage === 'tendering',
  );
  Object.assign(clock, { apduMs: 0, apdus: 0 });
  const begun = performance.now();
  const paying = { paymentId, revision, received: total, receivedPieces: null };
  must('the money', await ask()['basket.accept'](paying));
  const totalMs = performance.now() - begun;
  const { apduMs } = clock;
  await where('confirmed', (state) => state.load?.stage === 'confirmed');
  return { totalMs, apduMs };
}

/** Adds up what commands to cards take. */
const timed = (readers: CardTransport, clock: { apduMs: number; apdus: number }): CardTransport => ({
  ...readers,
  async connect(reader, options) {
    const connected = await readers.connect(reader, options);
    if (!connected.ok) return connected;
    const connection = connected.value;
    const transmit: CardConnection['transmit'] = async (apdu, deadline) => {
      const begun = performance.now();
      const answer = await connection.transmit(apdu, deadline);
      clock.apduMs += performance.now() - begun;
      clock.apdus += 1;
      return answer;
    };
    return { ok: true, value: { ...connection, transmit } };
  },
});
