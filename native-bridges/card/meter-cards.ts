import type {
  CardServiceView,
  Insertion,
  MeterCardEvent,
  MeterCardFailure,
  MeterCardPort,
  Preparation,
  ReaderView,
  WriteAnswer,
} from '../../core/ports/meter-card.ts';
import { writeOrder } from '../../contracts/rules/meter-card/purse.ts';
import { troubleOf, type Trouble } from './drivers/connection.ts';
import type { MeterCard } from './drivers/driver.ts';
import { logged, type ApduLine } from './log.ts';
import { recognise } from './drivers/registry.ts';
import type { CardConnection, CardSight, CardTransport, ReaderState } from './transport/port.ts';

/** Readers of this name are simulated: vpcd's, in which a virtual card sits. */
const VIRTUAL = /virtual pcd/i;
/** For so long another program's hold on the card is waited for. */
const OTHERS_MS = 2000;
/** An order that was prepared and not written keeps the card no longer than this. */
const PREPARED_MS = 60_000;

type Present = { readonly insertion: Insertion; readonly reader: string; readonly key: string };
type Open = { readonly insertion: Insertion; readonly connection: CardConnection; readonly card: MeterCard };
type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: MeterCardFailure };

/**
 * The counter's way to meter cards: transport below, drivers beside, one card at a time. A card is held exclusively while
 * something is done with it and let go afterwards; between `prepare` and `write` it is kept, and nothing else is said to it.
 */
export function createMeterCards(
  transport: CardTransport,
  heard: (line: ApduLine) => void = () => undefined,
): MeterCardPort {
  const listeners = new Set<(event: MeterCardEvent) => void>();
  let present: readonly Present[] = [];
  let sight: CardSight = { service: { state: 'starting', since: 0 }, readers: [] };
  let taken: ReadonlySet<string> = new Set();
  let next: Insertion = 1;
  /** Which card each insertion turned out to be. */
  const identified = new Map<Insertion, string>();
  let prepared: Open | null = null;
  let prepareTimer: ReturnType<typeof setTimeout> | undefined;

  const tell = (event: MeterCardEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const stopWatching = transport.watch((now) => {
    sight = now;
    const before = present;
    present = now.readers.filter(holdsCard).map((reader) => {
      const key = `${now.service.since} ${reader.name} ${reader.insertion}`;
      return before.find((one) => one.key === key) ?? { insertion: next++, reader: reader.name, key };
    });
    for (const gone of before.filter((one) => !present.includes(one))) {
      identified.delete(gone.insertion);
      tell({ kind: 'cardOut', insertion: gone.insertion });
    }
    for (const { insertion, reader } of present.filter((one) => !before.includes(one)))
      tell({ kind: 'cardIn', insertion, reader });
    tell({ kind: 'service' });
  });

  /** Lets a prepared card go: whatever was asked of it dies with the reset. */
  async function drop(): Promise<void> {
    clearTimeout(prepareTimer);
    const open = prepared;
    prepared = null;
    await open?.connection.close('reset');
  }

  /** Opens the card of an insertion and finds out which it is; reset first where asked. */
  async function open(insertion: Insertion, reset: boolean): Promise<Answer<Open>> {
    await drop();
    const there = present.find((one) => one.insertion === insertion);
    if (!there) return { ok: false, failure: { reason: 'removed', detail: null } };
    const connected = await transport.connect(there.reader, { exclusive: true, waitForOthersMs: OTHERS_MS });
    taken = new Set([...taken].filter((name) => name !== there.reader));
    if (!connected.ok) {
      if (connected.error.code === 'sharing') taken = new Set([...taken, there.reader]);
      return refused(troubleOf(connected.error).error);
    }
    const connection = connected.value;
    const found = await known(connection, reset);
    if (found.ok && isKnownAs(insertion, hex(found.value.identity.cardId)))
      return { ok: true, value: { insertion, connection, card: found.value } };
    await connection.close('reset');
    if (!found.ok) return found;
    swapped(there);
    return { ok: false, failure: { reason: 'removed', detail: 'another card is in' } };
  }

  const isKnownAs = (insertion: Insertion, cardId: string): boolean => {
    const before = identified.get(insertion);
    if (before === undefined) identified.set(insertion, cardId);
    return before === undefined || before === cardId;
  };

  /** A card was changed for another faster than the service looks: to everybody it is a new insertion. */
  function swapped(gone: Present): void {
    const now: Present = { ...gone, insertion: next++ };
    present = present.map((one) => (one === gone ? now : one));
    identified.delete(gone.insertion);
    tell({ kind: 'cardOut', insertion: gone.insertion });
    tell({ kind: 'cardIn', insertion: now.insertion, reader: now.reader });
  }

  async function known(connection: CardConnection, reset: boolean): Promise<Answer<MeterCard>> {
    if (reset) {
      const done = await connection.reset('cold');
      if (!done.ok) return refused(troubleOf(done.error).error);
    }
    const found = await recognise(logged(connection, heard, () => performance.now()));
    return found.ok ? found : refused(found.error);
  }

  return {
    service(): CardServiceView {
      const readers = sight.readers.map((reader): ReaderView => ({
        name: reader.name,
        state: stateOf(reader, taken),
        virtual: VIRTUAL.test(reader.name),
      }));
      if (sight.service.state !== 'running') return { state: 'noService', readers: [] };
      return { state: readers.length === 0 ? 'noReader' : 'ready', readers };
    },

    watch(heard) {
      listeners.add(heard);
      for (const { insertion, reader } of present) heard({ kind: 'cardIn', insertion, reader });
      heard({ kind: 'service' });
      return () => void listeners.delete(heard);
    },

    async identify(insertion) {
      const opened = await open(insertion, false);
      if (!opened.ok) return opened;
      const { connection, card } = opened.value;
      const { cardClass, cardId, company, meter, unit } = card.identity;
      await connection.close('leave');
      return { ok: true, value: { cardClass, cardId: hex(cardId), company, meter, unit } };
    },

    async read(insertion, nonce) {
      const opened = await open(insertion, true);
      if (!opened.ok) return opened;
      const { connection, card } = opened.value;
      const read = await card.readStatus(nonce);
      await connection.close('leave');
      if (!read.ok) return refused(read.error);
      const { evidence, view } = read.value;
      const { counter, balance, maximum, last, meter } = view;
      return {
        ok: true,
        value: {
          evidence,
          counter,
          balance,
          maximum,
          last: last && { loadId: uuid(last.loadId), amount: last.amount },
          meter,
        },
      };
    },

    async prepare(insertion, request) {
      const opened = await open(insertion, true);
      if (!opened.ok) return opened;
      const { connection, card } = opened.value;
      const made = await prepare(card, request);
      if (!made.ok) {
        await connection.close('reset');
        return made;
      }
      prepared = opened.value;
      prepareTimer = setTimeout(() => void drop(), PREPARED_MS);
      prepareTimer.unref();
      return made;
    },

    async write(insertion, authorisation) {
      const held = prepared;
      clearTimeout(prepareTimer);
      prepared = null;
      // Nothing has been ordered of the card: it was let go, or is another.
      if (held?.insertion !== insertion || held.card.cardClass !== authorisation.cardClass) {
        await held?.connection.close('reset');
        return { kind: 'refused', failure: { reason: 'removed', detail: 'the card is not held' } };
      }
      try {
        return await order(held.card, authorisation);
      } finally {
        await held.connection.close('leave');
      }
    },

    async dispose() {
      stopWatching();
      listeners.clear();
      await drop();
      await transport.dispose();
    },
  };
}

async function prepare(
  card: MeterCard,
  request: Parameters<MeterCardPort['prepare']>[1],
): Promise<Answer<Preparation>> {
  if (card.cardClass === 'A') {
    const made = await card.initLoad(request);
    if (!made.ok) return refused(made.error);
    return { ok: true, value: { cardClass: 'A', order: writeOrder(request), ...made.value } };
  }
  const read = await card.readStatus(request.nonce);
  return read.ok ? { ok: true, value: { cardClass: 'B', image: read.value.evidence } } : refused(read.error);
}

/** The one moment in which a card changes. */
async function order(
  card: MeterCard,
  authorisation: Parameters<MeterCardPort['write']>[1],
): Promise<WriteAnswer> {
  if (card.cardClass === 'A' && authorisation.cardClass === 'A') {
    const done = await card.load(authorisation.s2);
    if (done.outcome !== 'loaded') return { kind: done.outcome, failure: failureOf(done.error) };
    return { kind: 'written', proof: { answer: done.value.answer, s3: done.value.s3 } };
  }
  if (card.cardClass === 'B' && authorisation.cardClass === 'B') {
    const { record, slot, psc } = authorisation;
    const done = await card.write({ record, slot, psc });
    if (done.outcome !== 'loaded') return { kind: done.outcome, failure: failureOf(done.error) };
    return { kind: 'written', proof: { image: done.value.image } };
  }
  throw new TypeError('an order of one class for a card of another');
}

const failureOf = ({ reason, detail }: Trouble): MeterCardFailure => ({
  reason,
  detail: detail === '' ? null : detail,
});
const refused = (trouble: Trouble): { readonly ok: false; readonly failure: MeterCardFailure } => ({
  ok: false,
  failure: failureOf(trouble),
});

const holdsCard = ({ card }: ReaderState): boolean => card === 'present' || card === 'mute';

function stateOf({ name, card }: ReaderState, taken: ReadonlySet<string>): ReaderView['state'] {
  if (card === 'mute') return 'mute';
  if (card !== 'present') return 'empty';
  return taken.has(name) ? 'taken' : 'card';
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** A load's id as ids are written. */
function uuid(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('hex');
  return [8, 12, 16, 20].reduceRight((id, at) => `${id.slice(0, at)}-${id.slice(at)}`, text);
}
