import { availableParallelism } from 'node:os';
import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { assert } from '../../contracts/assert.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { BLOCK_BYTES } from './list-format.ts';
import type { ListHead } from './list-head.ts';
import { createBlockParser, type BlockOutcome, type ParsedBlock, type ParseTerms } from './parse-block.ts';
import type { ParseAnswer, ParseRequest } from './parse-worker.ts';
import { createPieceReader, type Piece } from './piece-reader.ts';

/** A parsed block with where it begins in the file: records before it, and line ends before it. */
export type PlacedBlock = ParsedBlock & {
  readonly block: number;
  readonly recordsBefore: number;
  readonly linesBefore: number;
};

export type ParseOptions = {
  readonly file: FileHandle;
  readonly head: ListHead;
  readonly mask: RegExp;
  /** Is shown every byte of the file from the first record on, once and in order. */
  readonly seen: (bytes: Uint8Array) => void;
  /** Takes the blocks in order; reading waits for it. */
  readonly take: (block: PlacedBlock) => Promise<void>;
  /** Threads to parse on; 0 parses here. Two when left out, none for a file of a single block. */
  readonly threads?: number;
  /** Only tests want other blocks than BLOCK_BYTES. */
  readonly blockBytes?: number;
};

export type ParseCode = 'listMalformed' | 'listHostile' | 'listTruncated';

/**
 * Reads all records of a list in bounded memory, on threads, in blocks side by side as long as the file is plain and
 * in order by one parser from where it is not (parse-block.ts). Gives the number of records.
 */
export async function parseList(
  options: ParseOptions,
): Promise<Result<{ readonly records: number }, ParseCode>> {
  const { head } = options;
  const terms: ParseTerms = { kind: head.kind, mask: options.mask, prefix: head.prefix, plain: head.plain };
  const { size } = await options.file.stat();
  // A thread takes longer to start than a block takes to read.
  const wanted = options.threads ?? (size <= BLOCK_BYTES ? 0 : Math.min(2, availableParallelism()));
  const threads =
    wanted === 0 ? [parseHere(terms)] : Array.from({ length: wanted }, () => parseThread(terms));
  const count = threads.length;
  const reader = createPieceReader(options.file, head.bodyOffset, options.seen, options.blockBytes);
  const prefixLines = head.prefix.split('\n').length - 1;
  try {
    return await run();
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  async function run(): Promise<Result<{ readonly records: number }, ParseCode>> {
    type Waiting = { readonly piece: Piece; readonly block: number; readonly answer: Promise<ParseAnswer> };
    const waiting: Waiting[] = [];
    let nextBlock = 0;
    let records = 0;
    let lines = prefixLines;

    const accept = async (outcome: ParsedBlock, block: number): Promise<void> => {
      await options.take({ ...outcome, block, recordsBefore: records, linesBefore: lines });
      records += outcome.records;
      lines += outcome.lines;
    };
    const refuse = (
      outcome: Extract<BlockOutcome, { kind: 'fault' }>,
      from: number,
    ): Result<never, ParseCode> => {
      const line = from + outcome.fault.line;
      return outcome.atEnd
        ? fail('listTruncated', {
            found: records + outcome.fault.records,
            expected: head.records,
            line,
            reason: outcome.fault.reason,
          })
        : fail(outcome.fault.code, {
            line,
            reason: outcome.fault.reason,
            record: records + outcome.fault.records + 1,
          });
    };

    // Side by side, until a block cannot be read by itself.
    let odd: Piece[] | undefined = head.selfClosing ? [] : undefined;
    let leftover: Piece | undefined;
    while (odd === undefined) {
      while (waiting.length < count * 2 && leftover === undefined) {
        const piece = await reader.next();
        if (piece === undefined) break;
        if (!piece.whole) {
          leftover = piece;
          break;
        }
        const block = nextBlock;
        nextBlock += 1;
        waiting.push({
          piece,
          block,
          answer: threads[block % count]?.ask(piece, block, false) ?? Promise.reject(new Error('no thread')),
        });
      }
      const first = waiting.shift();
      if (first === undefined) {
        if (leftover === undefined) break;
        odd = [];
        break;
      }
      const { outcome, buffer } = await first.answer;
      if (outcome.kind === 'fault') return refuse(outcome, lines);
      if (outcome.kind === 'inOrder' || outcome.closed !== first.piece.last) {
        odd = [{ ...first.piece, buffer }];
        nextBlock = first.block;
        for (const later of waiting) odd.push({ ...later.piece, buffer: (await later.answer).buffer });
        break;
      }
      await accept(outcome, first.block);
      reader.give(buffer);
    }
    if (odd === undefined) return ok({ records });
    if (leftover !== undefined) odd.push(leftover);

    // In order, from there to the end.
    const linesAtStart = lines;
    for (;;) {
      const piece = odd.shift() ?? (await reader.next());
      if (piece === undefined) return ok({ records });
      const answer = await threads[0]?.ask(piece, nextBlock, true);
      assert(
        answer !== undefined && answer.outcome.kind !== 'inOrder',
        'what is read in order is read or faulty',
      );
      if (answer.outcome.kind === 'fault') return refuse(answer.outcome, linesAtStart);
      await accept(answer.outcome, nextBlock);
      nextBlock += 1;
      reader.give(answer.buffer);
    }
  }
}

/** Who parses: answers in the order it is asked. */
type Parser = {
  ask(piece: Piece, block: number, inOrder: boolean): Promise<ParseAnswer>;
  stop(): Promise<unknown>;
};

function parseHere(terms: ParseTerms): Parser {
  const parser = createBlockParser(terms);
  return {
    async ask({ buffer, length, last }, block, inOrder) {
      const bytes = new Uint8Array(buffer, 0, length);
      return {
        block,
        buffer,
        outcome: inOrder ? parser.inOrder(bytes, block, last) : parser.alone(bytes, block),
      };
    },
    stop: async () => undefined,
  };
}

function parseThread(terms: ParseTerms): Parser {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: terms,
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
  });
  const owed: { readonly answer: (answer: ParseAnswer) => void; readonly fail: (error: Error) => void }[] =
    [];
  let broken: Error | undefined;
  worker.on('message', (answer: ParseAnswer) => owed.shift()?.answer(answer));
  worker.on('error', (error) => {
    broken = error instanceof Error ? error : new Error(String(error));
    for (const one of owed.splice(0)) one.fail(broken);
  });
  return {
    ask(piece: Piece, block: number, inOrder: boolean): Promise<ParseAnswer> {
      if (broken) return Promise.reject(broken);
      const request: ParseRequest = {
        block,
        inOrder,
        last: piece.last,
        buffer: piece.buffer,
        length: piece.length,
      };
      const answer = new Promise<ParseAnswer>((resolve, reject) =>
        owed.push({ answer: resolve, fail: reject }),
      );
      // Whoever waits hears of a failure; until somebody does it must not end the process.
      answer.catch(() => undefined);
      worker.postMessage(request, [piece.buffer]);
      return answer;
    },
    stop: () => worker.terminate(),
  };
}
