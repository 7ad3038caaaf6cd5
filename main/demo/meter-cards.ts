import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { firstFree } from './centre-process.ts';
import { komis, type KomisOptions } from './komis-cli.ts';
import { startProcess, type Running } from './processes.ts';

/** The meter cards of the demo: virtual ones, in virtual readers of the workstation. */

/** vpcd's own ports; the next pairs where somebody else has them. */
const PORTS = [35_963, 35_973, 35_983] as const;

export const seededSchema = z.object({
  cardKeysFile: z.string(),
  meterCards: z.array(
    z.object({
      cardId: z.string(),
      company: z.string(),
      companyNumber: z.string(),
      account: z.string(),
      holder: z.string().optional(),
      meter: z.string(),
      unit: z.enum(['money', 'litres', 'wattHours']),
      class: z.enum(['A', 'B']),
      keyRevision: z.int(),
    }),
  ),
});
export type DemoMeterCards = z.infer<typeof seededSchema>;

/** Registers the demo's cards with their keys where they are not yet; answers them. */
export const seedMeterCards = (options: KomisOptions): Promise<DemoMeterCards> =>
  komis(options, ['demo', 'meter-cards'], seededSchema);

export type VirtualCardsProcess = { readonly running: Running; readonly page: string };

/** The port of the first virtual reader. */
export const readerPort = (): Promise<number> => firstFree(PORTS);

/** Starts the virtual cards as a process. What is on them survives it in the data folder. */
export async function startVirtualCardsProcess(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly cards: DemoMeterCards;
  readonly logFile?: string;
}): Promise<VirtualCardsProcess> {
  const cardsFile = join(options.dataDir, 'virtual-meter-cards.json');
  writeFileSync(cardsFile, `${JSON.stringify(options.cards.meterCards.map(specOf))}\n`);
  const running = startProcess({
    name: 'meter cards',
    file: 'native-bridges/card/simulator/main.ts',
    args: [
      '--keys',
      options.cards.cardKeysFile,
      '--cards',
      cardsFile,
      '--state',
      join(options.dataDir, 'virtual-meter-cards-state.json'),
      '--vpcd',
      String(options.port),
    ],
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  const ready = await running.ready;
  return { running, page: `http://127.0.0.1:${String(ready['control'])}/` };
}

/** A card as the virtual cards are told of it (native-bridges/card/simulator/card-state.ts). */
export const specOf = (card: DemoMeterCards['meterCards'][number]) => ({
  kind: card.class === 'A' ? ('purse' as const) : ('memory' as const),
  key: `${card.company.toLowerCase()}-${card.account}`,
  name: `${card.company} ${card.account}`,
  cardId: card.cardId,
  company: card.companyNumber,
  meter: card.meter,
  unit: card.unit,
  keyRevision: card.keyRevision,
});
