import { readFileSync } from 'node:fs';
import pg from 'pg';
import { migrate } from '/work/main/server/db/migrate.ts';
import { openDatabase } from '/work/main/server/db/database.ts';
import { importList } from '/work/main/server/exchange/import-list.ts';
import { DEMO_COMPANIES } from '/work/main/server/demo/companies.ts';
const url = readFileSync('/tmp/pg/url', 'utf8');
const u = new URL(url);
u.pathname = '/m';
if (process.argv[2] === 'new') {
  const c = new pg.Client({ connectionString: url });
  await c.connect();
  await c.query('drop database if exists m with (force)');
  await c.query('create database m');
  await c.end();
  await migrate(u.href);
  const d = openDatabase(u.href);
  for (const x of DEMO_COMPANIES) {
    const id = (
      await d.pool.query(
        `insert into participant (participant_id,code,name,kind) values (gen_random_uuid(),$1,$1,'biller') returning participant_id`,
        [x.code],
      )
    ).rows[0].participant_id;
    const b = (
      await d.pool.query(
        `insert into biller (biller_id,participant_id,number,code,name,service,status,fetch_mode,exactness,min_amount,max_amount,advance_allowed,account_mask,offline) values (gen_random_uuid(),$1,$2,$3,$4,'{}','live','none','any',1,100000,true,$5,'mask') returning biller_id`,
        [id, x.number, x.code, x.name, x.accountMask],
      )
    ).rows[0].biller_id;
    await d.pool.query('insert into biller_exchange (biller_id,unsigned_allowed) values ($1,true)', [b]);
  }
  await d.close();
}
const d = openDatabase(u.href);
for (const f of process.argv.slice(3)) {
  const t = performance.now();
  let merging = 0;
  const r = await importList(
    { database: d, filePath: f, companyCode: f.split('/').pop()!.split('-')[0]! },
    (e) => {
      if (e.phase === 'merging') merging = performance.now() - t;
    },
  );
  console.log(
    JSON.stringify(r.outcome),
    'total',
    Math.round(performance.now() - t),
    'read+copy',
    Math.round(merging),
    'rss',
    Math.round(process.memoryUsage.rss() / 1e6),
    'maxrss',
    Math.round(process.resourceUsage().maxRSS / 1e3),
  );
  if (process.env.ACK) console.log(r.acknowledgement);
}
await d.close();
