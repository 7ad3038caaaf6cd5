import { open } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { openDataFolder } from '../data-folder.ts';
import { faultText, refusalText, type NamedBadRecord } from '../exchange/acknowledgement.ts';
import { signaturePathOf } from '../exchange/file-signature.ts';
import type { AppliedList, ImportAnswer } from '../exchange/import-answer.ts';
import { importList, type ImportProgress } from '../exchange/import-list.ts';
import { HEAD_BYTES } from '../exchange/list-format.ts';
import { readHead } from '../exchange/list-head.ts';
import { ownSigningCertificate } from '../tls/certificates.ts';
import { onCentre } from './command.ts';
import { addTermsCommand } from './list-terms.ts';
import { printDone, printJson, printRows } from './output.ts';
import { CommandError } from './session.ts';

/** Bad records shown on the screen; the acknowledgement names more of them. */
const SHOWN_BAD_RECORDS = 20;

/** `lists`: what service companies send. */
export function addListCommands(program: Command): void {
  const lists = program.command('lists').description("service companies' lists of subscribers and debts");
  lists
    .command('import <file>')
    .description('takes in one XML list, whole or not at all; NAME.sig.xml beside it is its signature')
    .option('--company <code>', 'whose list it must be; without it the list itself is believed')
    .option('--acknowledgement <folder>', 'where the signed acknowledgement is written')
    .action(
      onCentre<{ company?: string; acknowledgement?: string }>(
        async ({ database, dataDir }, { company, acknowledgement, json }, file = '') => {
          const companyCode = company ?? (await companyStatedIn(file));
          const signer = await ownSigningCertificate(openDataFolder(dataDir).certs);
          const answer = await importList(
            { database, filePath: file, companyCode, signer },
            progressLine(file),
          );
          if (acknowledgement !== undefined) keep(answer, acknowledgement, file);
          if (!answer.outcome.ok) throw new CommandError(`${file}: ${refusalText(answer.outcome.error)}`);
          say(file, answer.outcome.value, json);
        },
      ),
    );
  addTermsCommand(lists);
  lists
    .command('history', { isDefault: true })
    .description('the lists that came, newest first, and what became of them')
    .option('--company <code>', 'of one company only')
    .option('--limit <n>', 'how many', '50')
    .action(
      onCentre<{ company?: string; limit: string }>(async ({ database }, { company, limit, json }) => {
        const rows = await database.pool.query(
          `select b.code as company, l.seq, l.kind, l.state, l.as_of as "asOf", l.records, l.bad, l.inserted, l.updated, l.unchanged,
             l.deactivated, l.file_name as file, l.received_at as "receivedAt", l.refusal
           from biller_list l join biller b using (biller_id)
           where $1::text is null or b.code = $1 order by l.received_at desc limit $2`,
          [company ?? null, Number(limit)],
        );
        printRows(rows.rows, json, 'No lists yet.');
      }),
    );
}

async function companyStatedIn(file: string): Promise<string> {
  const handle = await open(file).catch((error: unknown) => {
    throw new CommandError(
      `${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = readHead(buffer.subarray(0, bytesRead));
    if (!head.ok) throw new CommandError(`${file}: ${refusalText(head.error)}`);
    return head.value.company;
  } finally {
    await handle.close();
  }
}

/** One line on standard error that is written over, where a person looks at it. */
function progressLine(file: string): (event: ImportProgress) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (event) => {
    const words =
      event.phase === 'merging'
        ? `${event.records} records, being merged`
        : `${Math.floor((event.bytes / Math.max(event.totalBytes, 1)) * 100)} % read, ${event.records} records`;
    process.stderr.write(`\r\u001b[K${basename(file)}: ${words}${event.phase === 'merging' ? '\n' : ''}`);
  };
}

function keep(
  { acknowledgement, acknowledgementSignature }: ImportAnswer,
  folder: string,
  file: string,
): void {
  if (acknowledgement === '') return;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${basename(file).replace(/\.xml$/i, '')}.ack.xml`);
  writeFileSync(path, acknowledgement);
  if (acknowledgementSignature !== null) writeFileSync(signaturePathOf(path), acknowledgementSignature);
}

function say(file: string, list: AppliedList, json: boolean): void {
  if (json) return printJson(list);
  const { counts } = list;
  const repeated = list.repeated ? ' It had been applied before; nothing was done.' : '';
  printDone(
    `${basename(file)}: list ${list.seq} (${list.kind}) of ${list.company}, true at ${list.asOf}. ${counts.records} records: ` +
      `${counts.inserted} new, ${counts.updated} changed, ${counts.unchanged} unchanged, ${counts.deactivated} closed, ${counts.bad} bad.${repeated}`,
    {},
    false,
  );
  if (list.badRecords.length > 0) printRows(list.badRecords.slice(0, SHOWN_BAD_RECORDS).map(badRow), false);
}

const badRow = ({ record, line, account, fault }: NamedBadRecord) => ({
  record,
  line,
  account,
  reason: faultText(fault),
});
