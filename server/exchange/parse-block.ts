import { isUtf8 } from 'node:buffer';
import { accountKeys } from './account-filter.ts';
import { createScanner, type BlockScan } from './fast-scanner.ts';
import { lineOfFirstBadByte, NOT_UTF8 } from './list-head.ts';
import { createListParser, type BadRecord, type ListFault, type ListParser } from './list-parser.ts';
import type { RecordTerms } from './record-check.ts';

/** What a list's parser needs to know before the first record. */
export type ParseTerms = RecordTerms & {
  readonly prefix: string;
  /** Elements without a namespace prefix: the byte scanner may try. */
  readonly plain: boolean;
};

/** What came of a block of the file. */
export type ParsedBlock = {
  readonly kind: 'parsed';
  /** COPY text for the stage. */
  readonly rows: Uint8Array;
  /** Of the rows (account-filter.ts). */
  readonly keys: Int32Array;
  readonly records: number;
  readonly lines: number;
  readonly bad: readonly BadRecord[];
  readonly moreBad: number;
  readonly unreadable: number;
  /** The root element was closed in it. */
  readonly closed: boolean;
};

/**
 * `inOrder`: this block cannot be read by itself, because it holds a comment, CDATA section or processing instruction
 * (what follows may only look like records) or is not well-formed. From it on one parser must read everything in order.
 */
export type BlockOutcome =
  | ParsedBlock
  | { readonly kind: 'inOrder' }
  /** Lines count from where this way of reading took up. `atEnd`: the file ended before the list did. */
  | { readonly kind: 'fault'; readonly fault: ListFault; readonly atEnd: boolean };

export type BlockParser = {
  /** A block of whole records, read by itself: by the byte scanner, else by the conforming parser. */
  alone(bytes: Uint8Array, block: number): BlockOutcome;
  /** The next piece of the file, read in order by one conforming parser. `last`: the file ends with it. */
  inOrder(bytes: Uint8Array, block: number, last: boolean): BlockOutcome;
};

/** The two ways to read the records of one list. A parser serves one list. */
export function createBlockParser(terms: ParseTerms): BlockParser {
  const scan = createScanner();
  let ordered: ListParser | undefined;
  let orderedLines = 0;

  const encodingFault = (bytes: Uint8Array, linesBefore: number): BlockOutcome | undefined =>
    isUtf8(bytes)
      ? undefined
      : {
          kind: 'fault',
          fault: {
            code: 'listMalformed',
            line: linesBefore + lineOfFirstBadByte(bytes),
            reason: NOT_UTF8,
            records: 0,
          },
          atEnd: false,
        };

  return {
    alone(bytes, block) {
      const fault = encodingFault(bytes, 0);
      if (fault) return fault;
      if (terms.plain) {
        const scanned: BlockScan = scan(bytes, bytes.length, block, terms);
        if (scanned.plain) {
          const { rows, keys, records, lines, closed } = scanned;
          return {
            kind: 'parsed',
            rows: rows.slice(),
            keys: keys.slice(),
            records,
            lines,
            bad: [],
            moreBad: 0,
            unreadable: 0,
            closed,
          };
        }
      }
      const parser = createListParser(terms.prefix, terms, block);
      if (parser.write(textOf(bytes)) || parser.sawMarkup()) return { kind: 'inOrder' };
      // Asked first: a line's end that the parser held back is counted with it.
      const neutral = parser.neutral();
      return neutral ? taken(parser, block) : { kind: 'inOrder' };
    },
    inOrder(bytes, block, last) {
      const fault = encodingFault(bytes, orderedLines);
      if (fault) return fault;
      ordered ??= createListParser(terms.prefix, terms, block);
      const stopped = ordered.write(textOf(bytes));
      if (stopped) return { kind: 'fault', fault: stopped, atEnd: false };
      const cut = last ? ordered.end() : undefined;
      if (cut) return { kind: 'fault', fault: cut, atEnd: true };
      const parsed = taken(ordered, block + 1);
      orderedLines += parsed.lines;
      return parsed;
    },
  };
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

function taken(parser: ListParser, nextBlock: number): ParsedBlock {
  const { rows: text, ...rest } = parser.take(nextBlock);
  const rows = Buffer.from(text, 'utf8');
  return { kind: 'parsed', rows, keys: accountKeys(rows), ...rest, closed: parser.closed() };
}
