import type pg from 'pg';
import { parseEntryBody, type PosConcluded } from '../../contracts/journal.ts';
import { FINDINGS_MAX, type Check } from './check.ts';

/** How many last words are held at once. */
const PAGE = 2000;
/** A record follows its card operation at once; a batch cut between the two is followed by the next within this. */
const RECORD_FOLLOWS_MS = 24 * 60 * 60_000;

type WordRow = { readonly seq: number; readonly body: string; readonly received_at: string };
type AttemptRow = {
  readonly attempt_id: string;
  readonly kind: string;
  readonly outcome: string | null;
  readonly amount: number;
  readonly recorded_as: string | null;
  readonly booked_journal: string | null;
};

/**
 * Holds the attempts (card_attempt) against the journals they were filled from: every one ended as its device signed, none is
 * missing, none was made up, and the money of each is in the books or a case says why not. The bodies are read here rather
 * than by the database, whose JSON does not have everything that ours may hold.
 */
export async function verifyAttempts(client: pg.PoolClient): Promise<Check> {
  const devices = await client.query<{ device_id: string }>(
    `select device_id from card_attempt union select device_id from device_journal where type = 'pos.concluded'`,
  );
  const findings: string[] = [];
  let checked = 0;
  for (const { device_id: device } of devices.rows)
    checked += await verifyOne(client, device, (finding) => findings.push(`device ${device}: ${finding}`));
  return {
    name: 'attempts',
    says: 'every card operation is kept as its workstation’s journal tells it, and its money is in the books',
    checked,
    wrong: findings.length,
    findings: findings.slice(0, FINDINGS_MAX),
  };
}

async function verifyOne(
  client: pg.PoolClient,
  device: string,
  found: (finding: string) => void,
): Promise<number> {
  const seen = new Set<string>();
  let after = 0;
  for (;;) {
    const { rows } = await client.query<WordRow>(
      `select seq, body, received_at from device_journal where device_id = $1 and type = 'pos.concluded' and seq > $2
       order by seq limit ${PAGE}`,
      [device, after],
    );
    const words = firstWords(rows, seen, found);
    const kept = await attemptsOf(client, device, [...words.keys()]);
    const excused = await excusesOf(client, device, words);
    for (const [id, word] of words) {
      const finding = wrongWith(kept.get(id), word);
      const { concluded, seq } = word;
      if (finding !== null && !excused.has(`entry ${seq}`) && !excused.has(`record ${concluded.recordedAs}`))
        found(`attempt ${id} ${finding}`);
    }
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < PAGE) break;
  }
  const invented = await client.query<{ attempt_id: string }>(
    'select attempt_id from card_attempt where device_id = $1 and outcome is not null and attempt_id <> all ($2::uuid[])',
    [device, [...seen]],
  );
  for (const { attempt_id: id } of invented.rows) found(`attempt ${id} ended in no entry of its journal`);
  return seen.size;
}

type Word = { readonly concluded: PosConcluded; readonly seq: number; readonly receivedAt: number };

/** The first last word on each attempt; a second one is a case and changes nothing. */
function firstWords(
  rows: readonly WordRow[],
  seen: Set<string>,
  found: (finding: string) => void,
): ReadonlyMap<string, Word> {
  const words = new Map<string, Word>();
  for (const { seq, body, received_at: received } of rows) {
    const concluded = readWord(body);
    if (concluded === undefined) found(`entry ${seq} was read as the end of an attempt and is none`);
    else if (!seen.has(concluded.attemptId)) {
      seen.add(concluded.attemptId);
      words.set(concluded.attemptId, { concluded, seq, receivedAt: Date.parse(received) });
    }
  }
  return words;
}

function readWord(body: string): PosConcluded | undefined {
  try {
    const read = parseEntryBody(body);
    return read.type === 'pos.concluded' ? read.payload : undefined;
  } catch {
    return undefined; // said as a finding
  }
}

async function attemptsOf(
  client: pg.PoolClient,
  device: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AttemptRow>> {
  const { rows } = await client.query<AttemptRow>(
    `select attempt_id, kind, outcome, amount, recorded_as, booked_journal from card_attempt
     where device_id = $1 and attempt_id = any ($2)`,
    [device, ids],
  );
  return new Map(rows.map((row) => [row.attempt_id, row]));
}

/** What a person is looking at: entries that could not be kept, records whose tender rests on another attempt. */
async function excusesOf(
  client: pg.PoolClient,
  device: string,
  words: ReadonlyMap<string, Word>,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ excuse: string }>(
    `select 'entry ' || (detail->>'seq') as excuse from case_file where event_key = any ($2)
     union all
     select 'record ' || (detail->>'record') from case_file
     where device_id = $1 and kind = 'cardTenderUnproven' and detail->>'record' = any ($3)`,
    [
      device,
      [...words.values()].map(({ seq }) => `entry:${device}:${seq}`),
      [...words.values()].map(({ concluded }) => concluded.recordedAs),
    ],
  );
  return new Set(rows.map(({ excuse }) => excuse));
}

function wrongWith(row: AttemptRow | undefined, { concluded, receivedAt }: Word): string | null {
  if (row === undefined) return 'is missing';
  const same =
    row.kind === concluded.kind &&
    row.outcome === concluded.outcome &&
    row.amount === concluded.amount &&
    row.recorded_as === concluded.recordedAs;
  if (!same) return 'ended otherwise in its journal';
  if (row.outcome !== 'done' || row.booked_journal !== null) return null;
  if (row.recorded_as === null) return 'was made, and its money is in no journal of the ledger';
  return Date.now() - receivedAt > RECORD_FOLLOWS_MS ? 'was made, and what records it never came' : null;
}
