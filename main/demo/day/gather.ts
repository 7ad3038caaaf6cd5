import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Client } from '../../../contracts/rpc/definition.ts';
import type { IpwContract } from '../../../contracts/ipw.ts';
import type { StoredEntry } from '../../../core/ports/journal.ts';
import { createDeviceKey } from '../../../native-bridges/device-key/device-key.ts';
import { openJournal } from '../../../native-bridges/journal/journal.ts';
import { createMachine } from '../../../native-bridges/machine/machine.ts';
import { komis, type KomisOptions } from '../komis-cli.ts';
import type { CardFacts } from './invariants-cards.ts';
import type { DayFacts, Posted } from './invariants.ts';
import { must } from './teller.ts';

/** Reads a stopped workstation's journal, from its own file and with its own lock. */
export function readJournal(workstationDir: string): {
  readonly entries: readonly StoredEntry[];
  readonly waiting: number;
} {
  const machine = createMachine({ level: 'error' });
  const deviceKey = createDeviceKey({ path: join(workstationDir, 'device-key.json') });
  const journal = must(
    'opening the journal',
    openJournal({
      path: join(workstationDir, 'journal.sqlite'),
      holder: 'day',
      identity: () => deviceKey.identity(),
      signer: deviceKey,
      machine,
    }),
  );
  try {
    return { entries: [...journal.read(1)], waiting: journal.waitingCount().count };
  } finally {
    journal.close();
  }
}

const postedSchema = z.array(
  z.object({
    paymentId: z.string(),
    receiptNo: z.string().nullable(),
    kind: z.string(),
    total: z.int(),
    outcome: z.string(),
  }),
);
const proofSchema = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({ says: z.string(), checked: z.int(), wrong: z.int(), findings: z.array(z.string()) }),
  ),
});
const balancesSchema = z.array(
  z.object({ account: z.string(), currency: z.string(), balance: z.int(), entries: z.int() }),
);

export type Books = {
  readonly posted: readonly Posted[];
  readonly proof: z.infer<typeof proofSchema>;
  readonly balances: z.infer<typeof balancesSchema>;
};

/** The centre's books, as its command line shows them. */
export async function readBooks(cli: KomisOptions): Promise<Books> {
  return {
    posted: await komis(cli, ['payments', 'list', '--limit', '100000'], postedSchema),
    proof: await komis(cli, ['verify'], proofSchema),
    balances: await komis(cli, ['ledger', 'balances'], balancesSchema),
  };
}

const openSchema = z.array(z.object({ attemptId: z.string() }));

/** What the centre knows of the counters' cards. */
export async function readCards(cli: KomisOptions): Promise<Pick<CardFacts, 'clearing' | 'openAtCentre'>> {
  const clearing = await komis(cli, ['ledger', 'balances', '--kind', 'pos'], balancesSchema);
  const open = await komis(cli, ['cards', 'list', '--open', '--limit', '1000'], openSchema);
  return {
    clearing: clearing.reduce((sum, { balance }) => sum + balance, 0),
    openAtCentre: open.map(({ attemptId }) => attemptId),
  };
}

/** A receipt as it would lie in the payer's hand: its number and the code in its QR. */
export type ReceiptSlip = { readonly receiptNo: string; readonly code: string };

/** The receipts of payments, from the workstation that issued them. */
export async function receiptSlips(
  ask: Client<IpwContract>,
  paymentIds: readonly string[],
): Promise<readonly ReceiptSlip[]> {
  const slips: ReceiptSlip[] = [];
  for (const paymentId of paymentIds) {
    const { document, stornoDocument } = must('a receipt', await ask['receipts.get']({ paymentId }));
    for (const one of [document, stornoDocument]) {
      const qr = one?.blocks.find((block) => block.kind === 'qr');
      if (one && qr)
        slips.push({ receiptNo: one.receiptNo, code: qr.data.slice(qr.data.lastIndexOf('/') + 1) });
    }
  }
  return slips;
}

/** Writes the day's papers into a folder: journal, register of payments, ledger, proof. */
export function keepPapers(
  folder: string,
  facts: DayFacts,
  entries: readonly StoredEntry[],
  books: Books,
): void {
  mkdirSync(folder, { recursive: true });
  const keep = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  writeFileSync(
    join(folder, 'journal.jsonl'),
    entries
      .map(
        ({ seq, body, sync, outcome, postedAt, note }) =>
          `${JSON.stringify({ seq, ...body, sync, outcome, postedAt, note })}\n`,
      )
      .join(''),
  );
  keep('payments.json', books.posted);
  keep('ledger.json', books.balances);
  keep('verify.json', books.proof);
  keep('bank.json', facts.cards.bank);
  keep('answered.json', facts.answered);
  keep('debts.json', { before: facts.owedBefore, after: facts.owedAfter });
}
