/** node import-child.ts URL FILE COMPANY: imports one list and prints what came of it and the most memory it took. */
import { openDatabase } from '../../db/database.ts';
import { importList } from '../import-list.ts';

const [url, filePath, companyCode] = process.argv.slice(2);
if (url === undefined || filePath === undefined || companyCode === undefined)
  throw new Error('usage: import-child.ts URL FILE COMPANY');
const database = openDatabase(url, 2);
const { outcome, acknowledgement } = await importList({ database, filePath, companyCode });
await database.close();
const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
const { code, detail } = outcome.ok ? { code: 'applied', detail: outcome.value.counts } : outcome.error;
process.stdout.write(
  JSON.stringify({ code, detail, maxRssMb, acknowledgementBytes: acknowledgement.length }),
);
