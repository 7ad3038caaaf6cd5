import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { billerSchema, feeRuleSchema, type Biller } from '../../contracts/domain.ts';
import { viewAccount } from '../registry/accounts.ts';
import { readBillers } from '../registry/billers.ts';
import {
  addBiller,
  findParticipant,
  setBillerStatus,
  type ParticipantStatus,
} from '../registry/participants.ts';
import { onCentre } from './command.ts';
import { orFail, printDone, printJson, printOne, printRows } from './output.ts';
import { CommandError, type Session } from './session.ts';

/** What `billers add` reads: the company's rules as in the contract, its participant by code. */
const billerFileSchema = billerSchema
  .omit({ id: true, fees: true })
  .extend({ participant: z.string(), fees: z.array(feeRuleSchema.omit({ id: true })) });

const STATUSES: readonly ParticipantStatus[] = ['onboarding', 'live', 'suspended', 'closed'];

/** `billers` and `debts`: the service companies' rules, and what is owed to them. */
export function addBillerCommands(program: Command): void {
  const billers = program.command('billers').description('service companies: rules and fees');
  billers
    .command('list', { isDefault: true })
    .description('all companies')
    .action(
      onCentre(async ({ database }, { json }) => {
        const all = await readBillers(database.db);
        if (json) return printJson(all);
        printRows(
          all.map(
            ({
              number,
              code,
              name,
              status,
              exactness,
              minAmount,
              maxAmount,
              advanceAllowed,
              offline,
              fetch,
              fees,
            }) => ({
              number,
              code,
              name,
              status,
              exactness,
              minAmount,
              maxAmount,
              advance: advanceAllowed ? 'yes' : 'no',
              offline,
              fetch,
              feeRules: fees.length,
            }),
          ),
          false,
          'No companies yet. Add one with komis billers add FILE.json, or seed the demo with komis demo seed.',
        );
      }),
    );
  billers
    .command('show <code>')
    .description('one company with its fees')
    .action(onCentre(async ({ database }, _, code = '') => printJson(await billerOf(database, code))));
  billers
    .command('add <file>')
    .description('registers a company from a JSON file (as printed by show, with "participant")')
    .action(
      onCentre(async ({ database, actor }, { json }, file = '') => {
        const parsed = billerFileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
        if (!parsed.success) throw new CommandError(`${file}: ${z.prettifyError(parsed.error)}`);
        const { participant: code, ...biller } = parsed.data;
        const participant = await findParticipant(database.db, code);
        if (!participant) throw new CommandError(`There is no participant ${code}.`);
        const billerId = orFail(
          await addBiller(database.db, { ...biller, participantId: participant.participant_id }, actor),
        );
        printDone(`${biller.name} is registered as ${biller.code}.`, { billerId, code: biller.code }, json);
      }),
    );
  billers
    .command('status <code> <status>')
    .description(`opens, suspends or closes a company: ${STATUSES.join(', ')}`)
    .action(
      onCentre(async ({ database, actor }, { json }, code = '', wanted = '') => {
        const status = STATUSES.find((one) => one === wanted);
        if (!status) throw new CommandError(`A status is one of ${STATUSES.join(', ')}.`);
        if (!(await setBillerStatus(database.db, code, status, actor)))
          throw new CommandError(`There is no company ${code}.`);
        printDone(`${code} is ${status}.`, { code, status }, json);
      }),
    );

  program
    .command('debts <company> <account>')
    .description('what is owed on an account now: the company by code or number')
    .action(
      onCentre(async ({ database }, { json }, code = '', account = '') => {
        const view = await viewAccount(database.db, await billerOf(database, code), account);
        if (json) return printJson(view);
        if (!view.known) console.log('This account is not on the latest list of the company.');
        printOne(
          {
            account: view.account,
            holder: view.holder,
            address: view.address,
            owed: view.owed,
            paidSince: view.paidSince,
            asOf: view.asOf,
          },
          false,
        );
        printRows(view.bills, false, 'No open bills.');
      }),
    );
}

async function billerOf({ db }: Session['database'], code: string): Promise<Biller> {
  const found = (await readBillers(db)).find((biller) => biller.code === code || biller.number === code);
  if (!found) throw new CommandError(`There is no company ${code}. komis billers list shows them.`);
  return found;
}
