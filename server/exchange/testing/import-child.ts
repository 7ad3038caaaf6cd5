/** node import-child.ts URL FILE COMPANY: imports one list and prints what came of it, how long it took and how much memory. */
import { openDatabase } from '../../db/database.ts';
import { importList } from '../import-list.ts';

const [url, filePath, companyCode] = process.argv.slice(2);
if (url === undefined || filePath === undefined || companyCode === undefined)
  throw new Error('usage: import-child.ts URL FILE COMPANY');
const database = openDatabase(url, 2);
const started = performance.now();
const { outcome, acknowledgement } = await importList({ database, filePath, companyCode });
const seconds = (performance.now() - started) / 1000;
await database.close();
const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
const { code, detail } = outcome.ok ? { code: 'applied', detail: outcome.value.counts } : outcome.error;
process.stdout.write(
  JSON.stringify({ code, detail, seconds, maxRssMb, acknowledgementBytes: acknowledgement.length }),
);
