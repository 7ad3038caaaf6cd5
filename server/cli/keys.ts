import type { Command } from 'commander';
import { openDataFolder } from '../data-folder.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { openKeyStore } from '../keys/open-key-store.ts';
import { audit } from '../registry/audit.ts';
import { onCentre } from './command.ts';
import { printDone, printJson, printRows } from './output.ts';
import { CommandError } from './session.ts';

/** Runs on the key store of the data folder or the environment, and closes it. A store that is away is told in one line. */
export async function withKeys<T>(dataDir: string, run: (keys: KeyStore) => Promise<T>): Promise<T> {
  let keys: KeyStore;
  try {
    keys = await openKeyStore(openDataFolder(dataDir).keys);
  } catch (error) {
    throw new CommandError(
      `The key store does not open: ${error instanceof Error ? error.message : 'unknown'}.`,
    );
  }
  try {
    return await run(keys);
  } finally {
    await keys.close();
  }
}

/** `keys`: which master keys of meter cards the key store has. A key itself is never shown. */
export function addKeyCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('master keys of meter cards, in the key store; never shown');
  keys
    .command('status', { isDefault: true })
    .description(
      'whether the store answers, and which masters it has beside those that registered cards need',
    )
    .action(
      onCentre(async ({ database, dataDir }, { json }) => {
        const [kind, health] = await withKeys(
          dataDir,
          async (store) => [store.kind, await store.health()] as const,
        );
        const { rows: needed } = await database.pool.query<{
          company: string;
          code: string;
          revision: number;
          cards: number;
        }>(
          `select b.number as company, b.code, c.key_revision as revision, count(*) as cards from meter_card c join biller b using (biller_id)
           where c.state = 'active' group by b.number, b.code, c.key_revision order by 1, 3`,
        );
        const has = (company: string, revision: number): boolean =>
          health.state === 'up' &&
          health.masters.some((one) => one.company === company && one.revision === revision);
        const unused =
          health.state === 'up'
            ? health.masters.filter(
                (one) => !needed.some((row) => row.company === one.company && row.revision === one.revision),
              )
            : [];
        const rows = [
          ...needed.map((row) => ({
            ...row,
            inStore: health.state === 'up' ? (has(row.company, row.revision) ? 'yes' : 'NO') : 'unknown',
          })),
          ...unused.map(({ company, revision }) => ({
            company,
            code: null,
            revision,
            cards: 0,
            inStore: 'yes',
          })),
        ];
        if (json)
          printJson({
            store: kind,
            state: health.state,
            ...(health.state === 'down' ? { reason: health.reason } : {}),
            masters: rows,
          });
        else {
          console.log(
            `The key store (${kind}) is ${health.state}${health.state === 'down' ? `: ${health.reason}` : ''}.`,
          );
          printRows(rows, false, 'No masters, and no cards that need one.');
        }
        if (health.state === 'down' || rows.some(({ inStore }) => inStore === 'NO'))
          throw new CommandError('');
      }),
    );
  keys
    .command('init')
    .description(
      'makes a master key inside the store, for a company whose cards are made with it; one that is there stays',
    )
    .requiredOption('--company <code>', 'the company')
    .option('--revision <n>', 'which revision', '1')
    .action(
      onCentre<{ company: string; revision: string }>(
        async ({ database, dataDir, actor }, { company, revision, json }) => {
          const found = await database.db
            .selectFrom('biller')
            .select('number')
            .where('code', '=', company)
            .executeTakeFirst();
          if (!found) throw new CommandError(`There is no company ${company}.`);
          const number = Number(revision);
          if (!Number.isInteger(number) || number < 0 || number > 255)
            throw new CommandError('--revision is a number from 0 to 255.');
          const master = { company: found.number, revision: number };
          const done = await withKeys(dataDir, (store) => store.generate(master));
          if (done === 'made') await audit(database.db, actor, 'keys.made', company, { revision: number });
          printDone(
            done === 'made'
              ? `The master key ${number} of ${company} was made.`
              : `The master key ${number} of ${company} is there already.`,
            { company, revision: number, done },
            json,
          );
        },
      ),
    );
}
