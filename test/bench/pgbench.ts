import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Transactions per second of a pgbench script. Throws when pgbench is not installed. */
export async function pgbench(
  pgUrl: string,
  script: string,
  options: { readonly clients: number; readonly seconds: number },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'komis-pgbench-'));
  try {
    const file = join(folder, 'script.sql');
    writeFileSync(file, script);
    const flags = ['--no-vacuum', '--protocol=prepared', '-f', file, '-j', '1'];
    const load = ['-c', String(options.clients), '-T', String(options.seconds)];
    const { stdout } = await run('pgbench', [...flags, ...load, pgUrl]);
    const rate = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    const failed = /^number of failed transactions: (\d+)/m.exec(stdout)?.[1];
    if (rate === undefined || (failed !== undefined && failed !== '0')) throw new Error(`pgbench: ${stdout}`);
    return Number(rate);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What pgbench calls: the centre's own posting function, on payments made on the spot, `p_count` of them in one
 * statement; with `p_shift` cash of a counter, without it a kiosk's. Lives in the bench's database only.
 */
export const BENCH_FUNCTION = `
create or replace function bench_post(
  p_count integer, p_billers uuid[], p_accounts integer, p_device uuid, p_participant uuid, p_shift uuid, p_district text)
returns bigint language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  v_posted bigint;
begin
  with made as materialized (
    select n - 1 as i, gen_random_uuid() as id, gen_random_uuid() as line,
      1 + (random() * (p_accounts - 1))::int as account, 100 + (random() * 5000)::int as amount
    from generate_series(1, p_count) n)
  select count(*) into v_posted from intake_post(jsonb_build_object(
    'payments', (select jsonb_agg(jsonb_build_object('i', i, 'id', id, 'entry', case when p_shift is not null then id end,
      'hash', md5(id::text) || md5(line::text), 'channel', case when p_shift is null then 'kiosk' else 'counter' end,
      'device', p_device, 'participant', p_participant, 'shift', p_shift, 'date', '2026-11-23',
      'receipt', 'WS01-20261123-' || i, 'code', null, 'total', amount + 10, 'fees', 10, 'currency', 'AZN', 'taken', now(),
      'debit', coalesce('cash:shift:' || p_shift, 'clearing:kiosk:' || p_participant))) from made),
    'lines', (select jsonb_agg(jsonb_build_object('p', id, 'n', 1, 'id', line, 'b', p_billers[1 + account % 2],
      'a', to_char(account, 'FM1000000000'), 'm', amount, 'f', 10, 'bill', null, 'd', p_district)) from made)));
  return v_posted;
end $$;`;
