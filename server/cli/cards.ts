import type { Command } from 'commander';
import { onCentre } from './command.ts';
import { printJson, printOne, printRows } from './output.ts';
import { limit } from './payments.ts';
import { CommandError } from './session.ts';

const DEFAULT_LIMIT = 50;

/** A sale is shown with what was taken back of it, in the order it happened. */
const ONE = `
  with asked as (
    select device_id, attempt_id, original_id from card_attempt
    where $1 in (attempt_id::text, payment_id::text, recorded_as::text)
      or recorded_as = (select payment_id from payment where receipt_no = $1 limit 1))
  select a.attempt_id as "attemptId", w.code as workstation, a.kind, a.amount, coalesce(a.outcome, 'open') as outcome, a.reason,
    a.decision, a.original_id as "takesBack", a.driver, a.terminal_id as terminal, a.receipt_no as "terminalReceipt", a.trace,
    a.auth_code as "authCode", a.card_name as "cardName", a.masked_pan as card, a.prepared_at as "preparedAt",
    a.authorised_at as "authorisedAt", a.concluded_at as "concludedAt", a.payment_id as "paymentId", p.receipt_no as "receiptNo",
    a.booked_journal as "bookedIn", a.ledger_account as account,
    array(select c.kind from case_file c where c.device_id = a.device_id and c.state = 'open'
      and c.detail->>'attempt' = a.attempt_id::text order by c.opened_at) as "openCases"
  from card_attempt a
  left join device d using (device_id) left join org_unit w on w.unit_id = d.unit_id
  left join payment p on p.payment_id = a.recorded_as
  where exists (select from asked where asked.device_id = a.device_id
    and a.attempt_id in (asked.attempt_id, asked.original_id) or asked.device_id = a.device_id and a.original_id = asked.attempt_id)
  order by a.prepared_at nulls last, a.concluded_at`;

/** `cards`: what the counters did at their POS terminals, and how each terminal's day ended. */
export function addCardCommands(program: Command): void {
  const cards = program.command('cards').description('card operations of the counters, an attempt a row');
  cards
    .command('list', { isDefault: true })
    .description('the latest first, card numbers masked')
    .option(
      '--open',
      'only those without a last word, not yet in the books, and charges that no payment takes',
    )
    .option('--workstation <code>', 'only of this workstation')
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ open?: boolean; workstation?: string; limit: number }>(async ({ database }, options) => {
        const { rows } = await database.pool.query<Record<string, unknown>>(
          `select a.prepared_at as "preparedAt", w.code as workstation, a.kind, a.amount, coalesce(a.outcome, 'open') as outcome,
             a.terminal_id as terminal, a.receipt_no as "terminalReceipt", a.auth_code as "authCode", a.masked_pan as card, a.reason,
             p.receipt_no as "receiptNo", a.attempt_id as "attemptId"
           from card_attempt a
           left join device d using (device_id) left join org_unit w on w.unit_id = d.unit_id
           left join payment p on p.payment_id = a.recorded_as
           where ($1::text is null or w.code = $1)
             and (not $2 or a.outcome is null or (a.outcome = 'done' and a.booked_journal is null) or (a.outcome = 'done' and a.kind = 'sale' and a.recorded_as is null and not exists (
               select from card_attempt r where r.device_id = a.device_id and r.original_id = a.attempt_id and r.outcome = 'done')))
           order by a.prepared_at desc nulls last limit $3`,
          [options.workstation ?? null, options.open ?? false, options.limit],
        );
        printRows(rows, options.json, 'No card operations.');
      }),
    );
  cards
    .command('show <attempt>')
    .description(
      'one card operation by its id, its payment’s or its receipt number: what was sent, said and booked',
    )
    .action(
      onCentre(async ({ database }, { json }, key = '') => {
        const { rows } = await database.pool.query<Record<string, unknown>>(ONE, [key]);
        if (rows.length === 0) throw new CommandError(`There is no card operation ${key}.`);
        if (json) return printJson(rows);
        for (const [i, row] of rows.entries()) {
          if (i > 0) console.log('');
          printOne(row, false);
        }
      }),
    );
  cards
    .command('days')
    .description('ends of day of the terminals, their totals beside the journals’')
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ limit: number }>(async ({ database }, options) => {
        const { rows } = await database.pool.query<Record<string, unknown>>(
          `select c.closed_at as "closedAt", w.code as workstation, c.terminal_id as terminal, c.terminal_count as "terminalCount",
             c.terminal_sum as "terminalSum", c.journal_count as "journalCount", c.journal_sum as "journalSum",
             c.terminal_sum - c.journal_sum as difference
           from card_day c left join device d using (device_id) left join org_unit w on w.unit_id = d.unit_id
           order by c.closed_at desc nulls last limit $1`,
          [options.limit],
        );
        printRows(rows, options.json, 'No terminal has closed a day.');
      }),
    );
}
