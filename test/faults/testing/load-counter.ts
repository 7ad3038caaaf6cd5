import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ipwContract, type MeterCardState } from '../../../contracts/ipw.ts';
import { connect } from '../../../contracts/rpc/client.ts';
import { memoryChannelPair } from '../../../contracts/rpc/memory-channel.ts';
import { fewestPieces } from '../../../contracts/rules/denominations.ts';
import { qepik } from '../../../contracts/money.ts';
import { startCoreHost } from '../../../main/core-host/core-host.ts';
import { logIn, must, openShift, type Ask } from '../../../main/demo/day/teller.ts';
import { openLine, type Line } from '../../../main/demo/line.ts';
import { seededSchema, specOf } from '../../../main/demo/meter-cards.ts';
import { stateWhere } from '../../../main/demo/watch.ts';
import {
  startVirtualCards,
  type VirtualCards,
} from '../../../native-bridges/card/simulator/virtual-cards.ts';
import type { CardTransport } from '../../../native-bridges/card/transport/port.ts';
import { openVirtualReaders } from '../../../native-bridges/card/transport/virtual-readers.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import type { FaultPlace } from './fault-place.ts';
import { mintId } from './script.ts';

/** Counters that load meter cards: virtual cards in virtual readers, everything else as it is. */

/** The part of a place that a counter of this kind needs. */
export type LoadPlace = Pick<FaultPlace, 'folder' | 'komis' | 'enrolmentCode'> & {
  readonly centre: Pick<FaultPlace['centre'], 'url' | 'caFile'>;
};

export const LIGHT = 'elektrik-1104552018';
export const WATER = 'su-30881204';
export const GAS = 'qaz-0801417730';
export type CardKey = typeof LIGHT | typeof WATER | typeof GAS;

/** Lets these cards be loaded without end, and the memory card without its meter. */
export async function freeRules(place: LoadPlace): Promise<void> {
  for (const company of ['ELEKTRIK', 'QAZ', 'SU']) {
    const rules = await place.komis(['meter-cards', 'rules', company], z.record(z.string(), z.unknown()));
    const file = join(place.folder, `rules-${company}.json`);
    writeFileSync(
      file,
      JSON.stringify({
        ...rules,
        cardLoadsPerDay: 100_000,
        deviceAmountPerDay: 2_000_000_000,
        previousMustBeTaken: false,
        firstLoad: 'anyTime',
      }),
    );
    await place.komis(['meter-cards', 'rules', company, '--set', file], z.unknown());
  }
}

/** The demo's cards, for virtual readers that listen on this port and the next ones. */
export async function cardsAt(
  place: Pick<LoadPlace, 'komis'>,
  port: number,
  slots = 1,
): Promise<VirtualCards> {
  const { cardKeysFile, meterCards } = await place.komis(['demo', 'meter-cards'], seededSchema);
  return startVirtualCards({
    vpcd: { port },
    slots,
    keys: z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(cardKeysFile, 'utf8'))),
    cards: meterCards.map(specOf),
  });
}

/** What a card has taken, as card and meter know it: how often, how much, and tries left of its code. */
export function holds(cards: VirtualCards, key: CardKey) {
  const card = cards.view().cards.find((one) => one.key === key);
  if (!card?.holds) throw new Error(`there is no card ${key}`);
  const { counter, balance, tries } = card.holds;
  return { counter, balance, tries };
}

export type LoadCounter = {
  readonly ask: Ask;
  readonly cards: VirtualCards;
  readonly line: Line;
  /** Waits for a state of readers, cards and loads. */
  where(what: string, fits: (state: MeterCardState) => boolean): Promise<MeterCardState>;
  stop(): Promise<void>;
};

export type LoadCounterOptions = {
  /** Stands between the counter and its readers. */
  readonly through?: (readers: CardTransport) => CardTransport;
  readonly teller?: string;
  /** Cards that move between counters, and the port of this one's reader. */
  readonly shared?: { readonly cards: VirtualCards; readonly port: number };
};

/** A counter in this process, a teller at it with a shift open. */
export async function loadCounter(
  place: LoadPlace,
  code: string,
  { through = (readers) => readers, teller = 'aygun', shared }: LoadCounterOptions = {},
): Promise<LoadCounter> {
  const dataDir = join(place.folder, code);
  await mkdir(dataDir);
  const line = await openLine(Number(new URL(place.centre.url()).port));
  const readers = openVirtualReaders({ port: shared?.port ?? 0, count: 1, nowMs: Date.now });
  const port = await readers.listening;
  const cards = shared?.cards ?? (await cardsAt(place, port));
  const core = must(
    'the core host',
    startCoreHost({
      dataDir,
      caFile: place.centre.caFile(),
      demo: false,
      holder: 'test',
      logFile: join(place.folder, `${code}.log`),
      cardReaders: through(readers),
    }),
  );
  const [window, host] = memoryChannelPair();
  core.attach(host);
  const client = connect(ipwContract, window);
  const ask: Ask = () => client;
  const centreUrl = `https://localhost:${line.port}`;
  const enrolment = client['setup.enrol'](
    { centreUrl, code: await place.enrolmentCode(code) },
    () => undefined,
  );
  must('the enrolment', await enrolment.result);
  await stateWhere(
    client.status,
    'the replica loaded',
    ({ replica, centre }) => replica.state === 'ready' && replica.accounts > 0 && centre.link === 'online',
  );
  await logIn(ask, teller, PASSWORD);
  await openShift(ask, mintId(), fewestPieces(qepik(60_000)));
  return {
    ask,
    cards,
    line,
    where: (what, fits) => stateWhere(client.meterCard, what, fits, 60_000),
    async stop() {
      await core.stop();
      if (!shared) await cards.stop();
      await line.stop();
    },
  };
}
