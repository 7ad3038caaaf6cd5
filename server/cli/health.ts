import type { Command } from 'commander';
import { healthBoard } from '../vending/health.ts';
import { onCentre } from './command.ts';
import { withKeys } from './keys.ts';
import { printRows } from './output.ts';

/** `health`: whose side stopped, as tellers see it on their board. */
export function addHealthCommand(program: Command): void {
  program
    .command('health')
    .description('whose side stopped, and since when: companies and the key store of meter cards')
    .action(
      onCentre(async ({ database, dataDir }, { json }) => {
        const parts = await withKeys(dataDir, (keys) => healthBoard({ database, keys }));
        const rows = parts.map(({ part, name, state, reason, sinceWhen }) => ({
          part,
          name,
          state,
          reason,
          since: sinceWhen,
        }));
        printRows(rows, json, 'No companies.');
      }),
    );
}
