/**
 * Fills a running centre with the demo's people and places and small lists of all companies, and prints what tests need
 * to know of it as one line of JSON: `demo-centre.ts --data-dir D --lists DIR --password P`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataFolder, readRuntime } from '../../server/data-folder.ts';
import { openDatabase } from '../../server/db/database.ts';
import { demoBills } from '../../server/demo/demo-bills.ts';
import { demoAsOf, demoLists } from '../../server/demo/demo-lists.ts';
import { demoSeed } from '../../server/demo/demo-seed.ts';
import { importList } from '../../server/exchange/import-list.ts';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.data' },
    lists: { type: 'string', default: 'lists' },
    password: { type: 'string', default: '' },
  },
});
const lists = { seed: 'e2e', subscribersPerCompany: 600, asOf: demoAsOf(Date.now()) };

const url = readRuntime(openDataFolder(values['data-dir']))?.pgUrl;
if (url === undefined || url === null) throw new Error(`no centre runs on ${values['data-dir']}`);
const database = openDatabase(url, 4);
try {
  await demoSeed(database, values.password);
  for (const { company, file } of await demoLists({ ...lists, outDir: values.lists, sequence: 1 })) {
    const { outcome } = await importList({ database, filePath: file, companyCode: company });
    if (!outcome.ok) throw new Error(`${file}: ${outcome.error.code}`);
  }
} finally {
  await database.close();
}
const bills = demoBills({ ...lists, count: 40, district: 'Nərimanov' });
process.stdout.write(`${JSON.stringify({ bills, lists: join(values.lists) })}\n`);
