/** A thread that parses blocks of one list (parse-pool.ts). Buffers travel both ways, nothing is copied. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBlockParser, type BlockOutcome, type ParseTerms } from './parse-block.ts';

export type ParseRequest = {
  readonly block: number;
  readonly inOrder: boolean;
  readonly last: boolean;
  readonly buffer: ArrayBuffer;
  readonly length: number;
};
/** The request's buffer comes back, to be filled again or to be read in order. */
export type ParseAnswer = {
  readonly block: number;
  readonly buffer: ArrayBuffer;
  readonly outcome: BlockOutcome;
};

const port = parentPort;
if (port === null) throw new Error('parse-worker.ts runs as a worker thread');
const parser = createBlockParser(workerData as ParseTerms); // what parse-pool.ts hands over

port.on('message', (request: ParseRequest) => {
  const bytes = new Uint8Array(request.buffer, 0, request.length);
  const outcome = request.inOrder
    ? parser.inOrder(bytes, request.block, request.last)
    : parser.alone(bytes, request.block);
  const answer: ParseAnswer = { block: request.block, buffer: request.buffer, outcome };
  // A small Buffer lies in a pool that others share: only memory of its own may go.
  const rows =
    outcome.kind === 'parsed' && outcome.rows.byteLength === outcome.rows.buffer.byteLength
      ? [outcome.rows.buffer]
      : [];
  port.postMessage(answer, [request.buffer, ...rows.filter((buffer) => buffer instanceof ArrayBuffer)]);
});
