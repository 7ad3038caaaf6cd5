import type { ErrorCode } from '../../contracts/errors.ts';
import type { LoadReason } from '../../contracts/load-reasons.ts';
import type { Failure, Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { CentrePort } from '../ports/centre.ts';
import type {
  CardServiceView,
  Insertion,
  MeterCardEvent,
  MeterCardIdentity,
  MeterCardReading,
} from '../ports/meter-card.ts';
import { within } from '../sync/within.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { instantNow, type CounterContext } from './context.ts';

/** What the centre says of a card that was read. */
export type CentreWord = Extract<Awaited<ReturnType<CentrePort['meterCard.read']>>, { ok: true }>['value'];

/** The card in a reader, as far as it is known. `here`: by its own word alone, the centre did not answer. */
export type CardHere = {
  readonly insertion: Insertion;
  readonly reader: string;
  readonly stage: 'reading' | 'here' | 'known' | 'failed';
  readonly reason: LoadReason | null;
  readonly detail: string | null;
  readonly identity: MeterCardIdentity | null;
  readonly reading: MeterCardReading | null;
  /** What the centre was given, for the journal. */
  readonly evidence: { readonly nonce: string; readonly bytes: string } | null;
  readonly centre: CentreWord | null;
  readonly refused: Failure | null;
};

/**
 * Watches the readers: whatever card is put in is identified, read, and shown to the centre, wherever the teller is. One
 * thing at a time is done with a card; a load has it alone.
 */
export type MeterDesk = {
  start(): void;
  stop(): void;
  service(): CardServiceView;
  /** Since when the card service is what it is. */
  since(): Instant;
  /** Every reader, and since when its state is what it is. */
  readers(): readonly ReaderSince[];
  /** The card put in last, while it is in. */
  card(): CardHere | null;
  /** Reads a card again, with a nonce of now, and shows it to the centre. Answers what is known then; null when it is gone. */
  read(insertion: Insertion): Promise<CardHere | null>;
  /** Nothing else is sent to any card until `run` has ended. */
  alone<T>(run: () => Promise<T>): Promise<T>;
  /** As {@link read}, for whoever is alone with the card. */
  readAlone(insertion: Insertion): Promise<CardHere | null>;
};

export type ReaderSince = CardServiceView['readers'][number] & { readonly since: Instant };

/** Longer than the centre takes on a bad day, shorter than a customer's patience. */
export const CENTRE_TIMEOUT_MS = 8_000;
const AGAIN_MS = 5_000;
const NO_NONCE = new Uint8Array(16);

export function createMeterDesk(contextOf: () => CounterContext): MeterDesk {
  let card: CardHere | null = null;
  let state = { is: '', since: '' };
  let readers: readonly ReaderSince[] = [];
  let line: Promise<unknown> = Promise.resolve();
  let stopWatching = (): void => undefined;
  let callOffAgain = (): void => undefined;

  const put = (insertion: Insertion, change: Partial<CardHere>): CardHere | null => {
    if (card?.insertion !== insertion) return null;
    card = { ...card, ...change };
    contextOf().changed();
    return card;
  };

  function alone<T>(run: () => Promise<T>): Promise<T> {
    const mine = line.then(run, run);
    line = mine.catch(() => undefined);
    return mine;
  }

  async function readAlone(insertion: Insertion): Promise<CardHere | null> {
    if (card?.insertion !== insertion || card.identity === null) return card;
    const context = contextOf();
    const { ports } = context;
    callOffAgain();
    const fresh = await nonceOf(context);
    const nonce = fresh.ok ? fresh.value.nonce : null;
    const read = await ports.meterCards.read(insertion, nonce === null ? NO_NONCE : fromBase64Url(nonce));
    if (!read.ok) {
      const { reason, detail } = read.failure;
      return put(insertion, { stage: 'failed', reason, detail, reading: null, centre: null, refused: null });
    }
    const bytes = toBase64Url(read.value.evidence);
    const told = nonce === null ? null : await tellCentre(context, card.identity.cardClass, nonce, bytes);
    const seen = { reading: read.value, reason: null, detail: null };
    if (told?.ok) {
      const evidence = nonce === null ? null : { nonce, bytes };
      return put(insertion, { ...seen, stage: 'known', evidence, centre: told.value, refused: null });
    }
    const refused = told && told.error.code !== 'connectionLost' ? told.error : null;
    const now = put(insertion, { ...seen, stage: 'here', evidence: null, centre: null, refused });
    // What the centre could not say now it is asked again while the card is in.
    if (now && !(refused && isRefusal(refused))) askAgain(insertion);
    return now;
  }

  function askAgain(insertion: Insertion): void {
    const { machine } = contextOf().ports;
    callOffAgain();
    callOffAgain = machine.after(AGAIN_MS, () => {
      if (card?.insertion !== insertion) return;
      if (contextOf().sync.link().line !== 'online') askAgain(insertion);
      else read(insertion).catch(fault);
    });
  }

  const read = (insertion: Insertion): Promise<CardHere | null> =>
    alone(() => readAlone(insertion)).then((seen) => {
      if (seen?.stage === 'known') contextOf().loads.cardRead(seen);
      return seen;
    });

  const fault = (error: unknown): void =>
    contextOf().ports.machine.log('error', 'meterCard.fault', { error: String(error) });

  async function cardIn(insertion: Insertion, reader: string): Promise<void> {
    contextOf().loads.turnAway();
    card = {
      insertion,
      reader,
      stage: 'reading',
      reason: null,
      detail: null,
      identity: null,
      reading: null,
      evidence: null,
      centre: null,
      refused: null,
    };
    contextOf().changed();
    await alone(async () => {
      const identified = await contextOf().ports.meterCards.identify(insertion);
      if (identified.ok) put(insertion, { identity: identified.value });
      else put(insertion, { stage: 'failed', ...identified.failure });
    });
    await read(insertion);
  }

  const service = (): CardServiceView => contextOf().ports.meterCards.service();

  function hear(event: MeterCardEvent): void {
    if (event.kind === 'cardIn') cardIn(event.insertion, event.reader).catch(fault);
    else if (event.kind === 'cardOut' && card?.insertion === event.insertion) {
      callOffAgain();
      card = null;
    }
    contextOf().changed();
  }

  return {
    start() {
      stopWatching = contextOf().ports.meterCards.watch(hear);
    },
    stop() {
      stopWatching();
      callOffAgain();
    },
    service,
    since() {
      const is = service().state;
      if (state.is !== is) state = { is, since: instantNow(contextOf()) };
      return state.since;
    },
    readers() {
      readers = service().readers.map((reader) => {
        const before = readers.find(({ name }) => name === reader.name);
        const since = before?.state === reader.state ? before.since : instantNow(contextOf());
        return { ...reader, since };
      });
      return readers;
    },
    card: () => card,
    read,
    alone,
    readAlone,
  };
}

/** A nonce of the centre; lost where the line is known to be down, without waiting for it. */
export async function nonceOf(
  context: CounterContext,
): Promise<Result<{ readonly nonce: string }, ErrorCode>> {
  const { centre, machine } = context.ports;
  const down = context.sync.link().line !== 'online' || !centre.configured();
  if (down) return { ok: false, error: { code: 'connectionLost' } };
  return within(machine, CENTRE_TIMEOUT_MS, centre['meterCard.nonce']({}));
}

async function tellCentre(
  context: CounterContext,
  cardClass: 'A' | 'B',
  nonce: string,
  evidence: string,
): Promise<Result<CentreWord, ErrorCode>> {
  const { centre, machine } = context.ports;
  const told = await within(
    machine,
    CENTRE_TIMEOUT_MS,
    centre['meterCard.read']({ cardClass, nonce, evidence }),
  );
  if (!told.ok && told.error.code === 'connectionLost') context.sync.suspect();
  return told;
}

/** What the centre said of the card, as against not answering. */
export const isRefusal = ({ code }: Failure): boolean =>
  code !== 'connectionLost' && code !== 'tooManyRequests' && code !== 'keyStoreAway' && code !== 'nonceStale';
