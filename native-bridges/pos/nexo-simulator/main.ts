import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ENDINGS, type Customer } from './customer.ts';
import { startNexoSimulator } from './simulator.ts';

/** The simulator as a process: `node main.ts --port 8443 --over ws --state file.json`; commands come on standard input. */

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    over: { type: 'string', default: 'tcp' },
    poi: { type: 'string', default: 'SIMULATOR-000000001' },
    state: { type: 'string' },
    pace: { type: 'string', default: '800' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const simulator = await startNexoSimulator({
  port: Number(values.port),
  over: values.over === 'ws' ? 'ws' : 'tcp',
  poiId: values.poi,
  paceMs: Number(values.pace),
  said: say,
  ...(values.state === undefined ? {} : { stateFile: values.state }),
});
say(`SIMULATOR listening ${simulator.port} as ${simulator.poiId}`);

const isCustomer = (word: string): word is Customer => word === 'wait' || Object.hasOwn(ENDINGS, word);

async function stop(): Promise<void> {
  input.close();
  await simulator.stop();
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const word = line.trim();
  if (isCustomer(word)) {
    simulator.customer(word);
    if (word !== 'wait') simulator.decide(word);
    say(`customer: ${word}`);
  } else if (word === 'cut') simulator.cutLine();
  else if (word === 'restart') simulator.restart();
  else if (word === 'charges') say(JSON.stringify(simulator.charges()));
  else if (word !== '') say(`commands: ${[...Object.keys(ENDINGS), 'wait'].join(' ')} cut restart charges`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
