import type { Command } from 'commander';
import { verifyLedger } from '../ledger/verify.ts';
import { onCentre } from './command.ts';
import { printJson, printRows } from './output.ts';
import { limit } from './payments.ts';
import { CommandError } from './session.ts';

const DEFAULT_LIMIT = 50;

/** `ledger` and `verify`: the books, and the proof that they are right. */
export function addLedgerCommands(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('accounts and postings; debit is positive, credit negative');
  ledger
    .command('balances', { isDefault: true })
    .description('balances of all accounts that moved')
    .option(
      '--kind <kind>',
      'only accounts that begin so: cash, vault, clearing, pos, refunds-due, payable, commission, unallocated, suspense, over-short',
    )
    .action(
      onCentre<{ kind?: string }>(async ({ database }, { kind, json }) => {
        let query = database.db
          .selectFrom('ledger_balance')
          .select(['account', 'currency', 'amount as balance', 'entries'])
          .orderBy('account');
        if (kind !== undefined) query = query.where('account', 'like', `${kind.replace(/[\\%_]/g, '\\$&')}%`);
        printRows(await query.execute(), json, 'Nothing has been posted.');
      }),
    );
  ledger
    .command('journal')
    .description('postings, the latest first')
    .option('--account <account>', 'only entries of this account')
    .option('--limit <n>', 'at most so many entries', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ account?: string; limit: number }>(async ({ database }, options) => {
        let query = database.db
          .selectFrom('ledger_entry as e')
          .innerJoin('ledger_journal as j', 'j.journal_id', 'e.journal_id')
          .select([
            'j.posted_at as postedAt',
            'j.kind',
            'j.business_date as businessDate',
            'e.account',
            'e.amount',
            'e.currency',
            'j.journal_id as journalId',
          ])
          .orderBy('j.posted_at', 'desc')
          .orderBy('j.journal_id')
          .orderBy('e.line_no')
          .limit(options.limit);
        if (options.account !== undefined) query = query.where('e.account', '=', options.account);
        printRows(await query.execute(), options.json, 'Nothing has been posted.');
      }),
    );

  program
    .command('verify')
    .description('proves the books: journals, balances, chains, signatures, payments exactly once')
    .action(
      onCentre(async ({ database }, { json }) => {
        const proof = await verifyLedger(database);
        if (json) printJson(proof);
        else {
          for (const check of proof.checks) {
            console.log(
              `${check.wrong === 0 ? 'ok  ' : 'FAIL'}  ${check.says} (${check.checked} looked at${check.wrong === 0 ? '' : `, ${check.wrong} wrong`})`,
            );
            for (const finding of check.findings) console.log(`        ${finding}`);
          }
          console.log(proof.ok ? 'The books are right.' : 'THE BOOKS ARE NOT RIGHT.');
        }
        if (!proof.ok) throw new CommandError('');
      }),
    );
}
