import { Command, CommanderError } from 'commander';
import { addBillerCommands } from './billers.ts';
import { addCardCommands } from './cards.ts';
import { addDemoCommands } from './demo.ts';
import { addHealthCommand } from './health.ts';
import { addKeyCommands } from './keys.ts';
import { addLedgerCommands } from './ledger.ts';
import { addListCommands } from './lists.ts';
import { addLoadCommands } from './loads.ts';
import { addMeterCardCommands } from './meter-cards.ts';
import { addParticipantCommands } from './participants.ts';
import { addPaymentCommands } from './payments.ts';
import { CommandError } from './session.ts';
import { addUserCommands } from './users.ts';
import { addWorkstationCommands } from './workstations.ts';

/** Every part of the command line. */
const PARTS = [
  addParticipantCommands,
  addUserCommands,
  addWorkstationCommands,
  addBillerCommands,
  addListCommands,
  addPaymentCommands,
  addCardCommands,
  addLoadCommands,
  addMeterCardCommands,
  addKeyCommands,
  addHealthCommand,
  addLedgerCommands,
  addDemoCommands,
];

const buildProgram = (): Command => {
  const program = new Command('komis')
    .description('The centre of KÖMİS: participants, people, workstations, lists, debts, payments, ledger.')
    .option('--data-dir <folder>', "the centre's data folder", '.data')
    .option('--json', 'print data instead of tables', false)
    .showHelpAfterError('(komis --help tells more)')
    .exitOverride();
  for (const add of PARTS) add(program);
  return program;
};

/**
 * Runs one command; gives its exit code: 0 done, 1 not done for a reason told in one line (or `verify` found something),
 * 2 wrongly called, 70 a fault of the program.
 */
export async function runKomis(arguments_: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(arguments_, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CommandError) {
      if (error.message !== '') process.stderr.write(`komis: ${error.message}\n`);
      return 1;
    }
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`komis: a fault of the program: ${told}\n`);
    return 70;
  }
}
