import type { Command } from 'commander';
import { listLoads } from '../vending/list.ts';
import { onCentre } from './command.ts';
import { printJson, printOne, printRows } from './output.ts';
import { limit } from './payments.ts';
import { CommandError } from './session.ts';

const DEFAULT_LIMIT = 50;

/** `loads`: what was paid for onto meter cards, and where each stands. */
export function addLoadCommands(program: Command): void {
  const loads = program.command('loads').description('loads of meter cards');
  loads
    .command('list', { isDefault: true })
    .description('the latest first')
    .option('--open', 'only those that are paid and have no end')
    .option('--card <card>', 'of one card only')
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ open?: boolean; card?: string; limit: number }>(async ({ database }, options) => {
        const filter = {
          cardId: options.card?.toUpperCase() ?? null,
          account: null,
          loadIds: null,
          open: options.open ?? false,
        };
        const rows = await listLoads(database.pool, filter, null, options.limit);
        if (options.json) return printJson(rows);
        printRows(
          rows.map((row) => ({
            paidAt: row.paidAt ?? row.quotedAt,
            state: row.stornoed ? `${row.state}, given back` : row.state,
            amount: row.amount,
            units: row.units,
            unit: row.unit,
            card: row.cardId,
            account: row.account,
            at: row.atWorkstation,
            receiptNo: row.receiptNo,
            loadId: row.loadId,
          })),
          false,
          'No loads.',
        );
      }),
    );
  loads
    .command('show <load>')
    .description(
      'one load by its id, its payment’s or its receipt number: all that happened to it, with the evidence',
    )
    .action(
      onCentre(async ({ database }, { json }, key = '') => {
        const { rows: found } = await database.pool.query<{ load_id: string }>(
          `select load_id from meter_load where $1 in (load_id::text, payment_id::text)
             or payment_id = (select payment_id from payment where receipt_no = $1 limit 1) limit 1`,
          [key],
        );
        const loadId = found[0]?.load_id;
        if (loadId === undefined) throw new CommandError(`There is no load ${key}.`);
        const [load] = await listLoads(
          database.pool,
          { cardId: null, account: null, loadIds: [loadId], open: false },
          null,
        );
        const { rows: events } = await database.pool.query<Record<string, unknown>>(
          `select e.at, e.kind, w.code as workstation, e.detail from meter_event e
           left join device d using (device_id) left join org_unit w using (unit_id)
           where e.load_id = $1 order by e.event_no`,
          [loadId],
        );
        const { rows: cases } = await database.pool.query<Record<string, unknown>>(
          `select opened_at as "openedAt", kind, state, resolution from case_file where detail->>'loadId' = $1 order by opened_at`,
          [loadId],
        );
        if (json) return printJson({ load, events, cases });
        if (load) printOne(load, false);
        console.log('');
        printRows(events, false, 'Nothing happened to it.');
        if (cases.length > 0) {
          console.log('');
          printRows(cases, false);
        }
      }),
    );
}
