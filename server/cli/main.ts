/**
 * npm run -s komis -- <command>: the centre's command line. Exit codes: 0 done, 1 not done for a reason told in one line
 * (or `verify` found something), 2 wrongly called, 70 a fault of the program.
 */
import { Command, CommanderError } from 'commander';
import { addBillerCommands } from './billers.ts';
import { addDemoCommands } from './demo.ts';
import { addLedgerCommands } from './ledger.ts';
import { addListCommands } from './lists.ts';
import { addParticipantCommands } from './participants.ts';
import { addPaymentCommands } from './payments.ts';
import { CommandError } from './session.ts';
import { addUserCommands } from './users.ts';
import { addWorkstationCommands } from './workstations.ts';

const program = new Command('komis')
  .description('The centre of KÖMİS: participants, people, workstations, lists, debts, payments, ledger.')
  .option('--data-dir <folder>', "the centre's data folder", '.data')
  .option('--json', 'print data instead of tables', false)
  .showHelpAfterError('(komis --help tells more)')
  .exitOverride();

for (const add of [
  addParticipantCommands,
  addUserCommands,
  addWorkstationCommands,
  addBillerCommands,
  addListCommands,
  addPaymentCommands,
  addLedgerCommands,
  addDemoCommands,
]) {
  add(program);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof CommandError) {
    process.stderr.write(`komis: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    process.stderr.write(
      `komis: a fault of the program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 70;
  }
}
