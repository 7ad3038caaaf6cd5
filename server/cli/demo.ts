import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DEMO_COMPANY_CODES, demoCompany } from '../demo/companies.ts';
import { demoBills } from '../demo/demo-bills.ts';
import { demoAsOf, demoLists } from '../demo/demo-lists.ts';
import { demoCards } from '../demo/demo-cards.ts';
import { demoSeed } from '../demo/demo-seed.ts';
import { openDataFolder } from '../data-folder.ts';
import { onCentre } from './command.ts';
import { withKeys } from './keys.ts';
import { printDone, printJson, printRows } from './output.ts';
import { CommandError } from './session.ts';

const companyNumber = (code: string): string =>
  DEMO_COMPANY_CODES.filter((one) => one === code).map((one) => demoCompany(one).number)[0] ?? '';

type Lists = { seed: string; subscribers: string; asOf?: string };

/** `demo`: invented participants, people, companies, lists and bills, to try the system with. */
export function addDemoCommands(program: Command): void {
  const demo = program.command('demo').description('invented data to try the system with');
  demo
    .command('seed')
    .description(
      'participants, branches, workstations, people, companies and meter cards; what is there stays as it is. The demo’s card keys are handed to its virtual cards in demo-card-keys.json of the data folder',
    )
    .requiredOption('--password-file <file>', "everybody's password, - for standard input")
    .action(
      onCentre<{ passwordFile: string }>(async ({ database, dataDir }, { passwordFile, json }) => {
        const password = readFileSync(passwordFile === '-' ? 0 : passwordFile, 'utf8').trim();
        if (password.length < 8) throw new CommandError('A password has at least 8 characters.');
        const { users, workstations } = await demoSeed(database, password);
        const { keysFile, cards } = await withKeys(dataDir, (keys) =>
          demoCards(database, keys, openDataFolder(dataDir).root),
        );
        printDone(
          `${users.length} people, ${workstations.length} workstations and ${cards.length} meter cards are there.`,
          { users, workstations, meterCards: cards, cardKeysFile: keysFile },
          json,
        );
      }),
    );
  demo
    .command('meter-cards')
    .description('the demo’s meter cards alone, as its virtual cards are told of them')
    .action(
      onCentre(async ({ database, dataDir }, { json }) => {
        const { keysFile, cards } = await withKeys(dataDir, (keys) =>
          demoCards(database, keys, openDataFolder(dataDir).root),
        );
        const meterCards = cards.map((card) => ({ ...card, companyNumber: companyNumber(card.company) }));
        if (json) printJson({ cardKeysFile: keysFile, meterCards });
        else printRows(meterCards, false);
      }),
    );
  withListOptions(demo.command('lists'))
    .description("writes the four companies' XML lists; the same options give the same bytes")
    .requiredOption('--out <folder>', 'where')
    .option('--sequence <n>', "the lists' number: 1 is full, later ones are deltas", '1')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Lists & { out: string; sequence: string; json: boolean }>();
      const lists = await demoLists({
        ...plan(options),
        outDir: options.out,
        sequence: whole(options.sequence, '--sequence'),
      });
      printRows(lists, options.json);
    });
  withListOptions(demo.command('bills'))
    .description('bills of the first lists with the codes to scan')
    .option('--count <n>', 'bills per company', '2')
    .option('--district <name>', 'of one district only')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Lists & { count: string; district?: string; json: boolean }>();
      const { district } = options;
      const bills = demoBills({
        ...plan(options),
        count: whole(options.count, '--count'),
        ...(district === undefined ? {} : { district }),
      });
      if (options.json) return printJson(bills);
      printRows(
        bills.map(({ companyName, account, holder, period, amount, barcode }) => ({
          company: companyName,
          account,
          holder,
          period,
          amount,
          barcode,
        })),
        false,
      );
    });
}

const withListOptions = (command: Command): Command =>
  command
    .option('--seed <text>', 'another one makes other people', 'komis')
    .option('--subscribers <n>', 'accounts per company', '3000')
    .option('--as-of <instant>', 'when the figures are true; this morning when left out');

const plan = ({ seed, subscribers, asOf }: Lists) => ({
  seed,
  subscribersPerCompany: whole(subscribers, '--subscribers'),
  asOf: asOf ?? demoAsOf(Date.now()),
});

function whole(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new CommandError(`${option} wants a whole number from 1 on.`);
  return value;
}
