import { mkdtemp, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Result } from '../../../contracts/result.ts';
import { HEAD_BYTES } from '../list-format.ts';
import { readHead, type HeadFault } from '../list-head.ts';
import { parseList, type ParseCode } from '../parse-list.ts';

export const NAMESPACE = 'urn:komis:list:1';

/** A list around the given records. */
export function listText(records: string, head: Partial<Record<string, string | number>> = {}): string {
  const attributes = {
    version: '1.0',
    company: 'TEST',
    kind: 'full',
    seq: 1,
    asOf: '2026-11-20T02:00:00Z',
    records: 0,
    ...head,
  };
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<list xmlns="${NAMESPACE}"${written.join('')}>\n${records}</list>\n`;
}

/** A record without a fault. */
export const accountText = (no: string | number, amount = '10.00', rest = ''): string =>
  `<account no="${no}" holder="Əliyev Vüqar" address="Bakı, Nizami küç. 1" district="Nəsimi"${rest}>` +
  `<bill no="B-${no}" period="2026-10" amount="${amount}" due="2026-11-25"/></account>\n`;

/** A folder for files of one test file. */
export async function testFolder(): Promise<{
  readonly path: string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'komis-lists-'));
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await writeFile(file, content);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export type ReadList = {
  readonly outcome: Result<{ readonly records: number }, ParseCode | HeadFault>;
  /** Stage rows with absolute record (from 0) and line, block 0. */
  readonly rows: readonly string[];
  readonly bad: readonly {
    readonly record: number;
    readonly line: number;
    readonly account: string | null;
    readonly code: string;
  }[];
  readonly sha256: string;
};

/** Reads a file as the importer does, with blocks and threads to choose. */
export async function readListFile(
  path: string,
  mask: RegExp,
  how: { readonly threads?: number; readonly blockBytes?: number } = {},
): Promise<ReadList> {
  const file = await open(path);
  try {
    return await readOpened(file, mask, how);
  } finally {
    await file.close();
  }
}

async function readOpened(
  file: FileHandle,
  mask: RegExp,
  how: { readonly threads?: number; readonly blockBytes?: number },
): Promise<ReadList> {
  const start = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await file.read(start, 0, HEAD_BYTES, 0);
  const head = readHead(start.subarray(0, bytesRead));
  if (!head.ok) return { outcome: head, rows: [], bad: [], sha256: '' };
  const hash = createHash('sha256').update(start.subarray(0, head.value.bodyOffset));
  const rows: string[] = [];
  const bad: ReadList['bad'][number][] = [];
  const outcome = await parseList({
    file,
    head: head.value,
    mask,
    ...how,
    seen: (bytes) => hash.update(bytes),
    async take(block) {
      for (const row of Buffer.from(block.rows).toString('utf8').split('\n').slice(0, -1)) {
        const [action, , record, line, ...rest] = row.split('\t');
        rows.push(
          `${[action, 0, block.recordsBefore + Number(record), block.linesBefore + Number(line), ...rest].join('\t')}\n`,
        );
      }
      for (const one of block.bad) {
        bad.push({
          record: block.recordsBefore + one.record,
          line: block.linesBefore + one.line,
          account: one.account,
          code: one.fault.code,
        });
      }
    },
  });
  return { outcome, rows, bad, sha256: hash.digest('hex') };
}
