/**
 * A till in a process of its own, to be killed: opens the card in a reader (first argument) for itself alone, sends a
 * command (second, hex letters) and says on standard output, as JSON, which process holds the card now.
 */
import { forkCardProcess } from '../transport/card-process.ts';
import { createCardTransport } from '../transport/transport.ts';
import { bytes, untilCard, value } from './stage.ts';

const [reader = '', command = ''] = process.argv.slice(2);
let cardProcess: number | null = null;
const transport = createCardTransport({
  nowMs: Date.now,
  log: () => undefined,
  start: (heard, ended) => {
    const started = forkCardProcess()(heard, ended);
    cardProcess = started.pid;
    return started;
  },
});
await untilCard(transport, reader, 'present');
const connection = value(await transport.connect(reader, { exclusive: true }));
void connection.transmit(bytes(command), { deadlineMs: 200_000 });
process.stdout.write(`${JSON.stringify({ cardProcess })}\n`);
