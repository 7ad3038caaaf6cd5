import { InvalidArgumentError, type Command } from 'commander';
import { sql } from 'kysely';
import { caseInWords } from './case-words.ts';
import { onCentre } from './command.ts';
import { printDone, printJson, printOne, printRows } from './output.ts';
import { CommandError } from './session.ts';

const DEFAULT_LIMIT = 50;

/** A whole number from 1 to 100 000, for `--limit`. */
export function limit(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('A whole number from 1 to 100000.');
  return value;
}

/** `payments` and `cases`: what came in, and what waits for a person. */
export function addPaymentCommands(program: Command): void {
  const payments = program.command('payments').description('payments and stornos of every channel');
  payments
    .command('list', { isDefault: true })
    .description('the latest first')
    .option('--date <date>', 'only of this business date')
    .option('--workstation <code>', 'only of this workstation')
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ date?: string; workstation?: string; limit: number }>(async ({ database }, options) => {
        let query = database.db
          .selectFrom('payment as p')
          .leftJoin('device as d', 'd.device_id', 'p.device_id')
          .leftJoin('org_unit as w', 'w.unit_id', 'd.unit_id')
          .leftJoin('payment as s', 's.reverses', 'p.payment_id')
          .select([
            'p.posted_at as postedAt',
            'p.receipt_no as receiptNo',
            'p.kind',
            'p.channel',
            'w.code as workstation',
            'p.total',
            'p.fees',
            'p.outcome',
            's.receipt_no as stornoedBy',
            'p.payment_id as paymentId',
          ])
          .orderBy('p.posted_at', 'desc')
          .limit(options.limit);
        if (options.date !== undefined) query = query.where('p.business_date', '=', options.date);
        if (options.workstation !== undefined) query = query.where('w.code', '=', options.workstation);
        printRows(await query.execute(), options.json, 'No payments.');
      }),
    );
  payments
    .command('show <payment>')
    .description('one payment by receipt number or id, with its lines and entries')
    .action(
      onCentre(async ({ database: { db } }, { json }, key = '') => {
        const payment = await db
          .selectFrom('payment')
          .selectAll()
          .where((where) =>
            where.or([where('receipt_no', '=', key), where(sql<string>`payment_id::text`, '=', key)]),
          )
          .executeTakeFirst();
        if (!payment) throw new CommandError(`There is no payment ${key}.`);
        const lines = await db
          .selectFrom('payment_line as l')
          .leftJoin('biller as b', 'b.biller_id', 'l.biller_id')
          .select([
            'l.line_no as line',
            'b.name as company',
            'l.account',
            'l.amount',
            'l.fee',
            'l.placed',
            'l.bill_no as billNo',
          ])
          .where('l.payment_id', '=', payment.payment_id)
          .orderBy('l.line_no')
          .execute();
        const entries = await db
          .selectFrom('ledger_entry')
          .select(['line_no as line', 'account', 'amount', 'currency'])
          .where('journal_id', '=', payment.payment_id)
          .orderBy('line_no')
          .execute();
        const storno = await db
          .selectFrom('payment')
          .select(['receipt_no', 'posted_at'])
          .where('reverses', '=', payment.payment_id)
          .executeTakeFirst();
        const head = {
          paymentId: payment.payment_id,
          receiptNo: payment.receipt_no,
          kind: payment.kind,
          channel: payment.channel,
          businessDate: payment.business_date,
          total: payment.total,
          fees: payment.fees,
          outcome: payment.outcome,
          takenAt: payment.taken_at,
          postedAt: payment.posted_at,
          reverses: payment.reverses,
          stornoedBy: storno?.receipt_no ?? null,
        };
        if (json) return printJson({ ...head, lines, entries });
        printOne(head, false);
        console.log('\nlines');
        printRows(lines, false);
        console.log('\nledger');
        printRows(entries, false);
      }),
    );

  const cases = program.command('cases').description('what waits for a person');
  cases
    .command('list', { isDefault: true })
    .description('open cases, the oldest first')
    .option('--all', 'closed ones too', false)
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ all: boolean; limit: number }>(async ({ database }, options) => {
        let query = database.db
          .selectFrom('case_file as c')
          .leftJoin('device as d', 'd.device_id', 'c.device_id')
          .leftJoin('org_unit as w', 'w.unit_id', 'd.unit_id')
          .select([
            'c.case_id as caseId',
            'c.opened_at as openedAt',
            'c.kind',
            'c.state',
            'w.code as workstation',
            'c.amount',
            'c.payment_id as paymentId',
            'c.detail',
            'c.resolution',
          ])
          .orderBy('c.opened_at')
          .limit(options.limit);
        if (!options.all) query = query.where('c.state', '=', 'open');
        const rows = (await query.execute()).map(({ kind, ...rest }) => ({
          kind,
          says: caseInWords(kind),
          ...rest,
        }));
        printRows(rows, options.json, 'No open cases.');
      }),
    );
  cases
    .command('close <case>')
    .description('closes a case that needs no posting')
    .requiredOption('--resolution <text>', 'what was found and done')
    .action(
      onCentre<{ resolution: string }>(
        async ({ database: { db }, actor }, { resolution, json }, caseId = '') => {
          const closed = await db
            .updateTable('case_file')
            .set({ state: 'closed', resolution, owner: actor, closed_at: new Date().toISOString() })
            .where(sql<string>`case_id::text`, '=', caseId)
            .where('state', '=', 'open')
            .executeTakeFirst();
          if (closed.numUpdatedRows === 0n) throw new CommandError(`There is no open case ${caseId}.`);
          await sql`select audit_append(${actor}, 'case.closed', ${caseId}, ${JSON.stringify({ resolution })}::jsonb)`.execute(
            db,
          );
          printDone('The case is closed.', { caseId, state: 'closed' }, json);
        },
      ),
    );
}
