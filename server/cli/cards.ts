import type { Command } from 'commander';
import { onCentre } from './command.ts';
import { printRows } from './output.ts';
import { limit } from './payments.ts';

const DEFAULT_LIMIT = 50;

/** `cards`: what the counters did at their POS terminals, and how each terminal's day ended. */
export function addCardCommands(program: Command): void {
  const cards = program.command('cards').description('card operations of the counters, an attempt a row');
  cards
    .command('list', { isDefault: true })
    .description('the latest first; amounts in qəpik, card numbers masked')
    .option('--open', 'only those without a last word, and charges that no payment takes')
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
             and (not $2 or a.outcome is null or (a.outcome = 'done' and a.kind = 'sale' and a.recorded_as is null and not exists (
               select from card_attempt r where r.device_id = a.device_id and r.original_id = a.attempt_id and r.outcome = 'done')))
           order by a.prepared_at desc nulls last limit $3`,
          [options.workstation ?? null, options.open ?? false, options.limit],
        );
        printRows(rows, options.json, 'No card operations.');
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
