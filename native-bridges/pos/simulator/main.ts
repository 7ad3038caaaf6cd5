import { createInterface } from 'node:readline';
import { startOf, typed, USAGE, type Start } from './command-line.ts';
import { obey } from './control.ts';
import { startSimulator, type Simulator } from './simulator.ts';

/** The simulator as a program. Its first line on standard output is JSON: `{"ready":true,"tcp":…,"control":…}`. */

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const fail = (error: unknown): void => {
  say(JSON.stringify({ ready: false, message: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
};

function readStart(): Start | null {
  try {
    const start = startOf(process.argv.slice(2));
    if (start !== 'help') return start;
    say(USAGE);
  } catch (error) {
    fail(error);
  }
  return null;
}

function listen(simulator: Simulator, ended: () => void): void {
  const keyboard = createInterface({ input: process.stdin });
  keyboard.on('line', (line) => {
    const said = typed(line);
    switch (said.kind) {
      case 'command':
        obey(simulator, said.command);
        return;
      case 'status':
        tell(JSON.stringify(simulator.view().display));
        return;
      case 'help':
        tell(USAGE);
        return;
      case 'unknown':
        tell(`? ${said.words}`);
        return;
      case 'nothing':
        return;
    }
  });
  keyboard.on('close', ended);
}

async function run({ options, exitWithParent }: Start): Promise<void> {
  const simulator = await startSimulator(options);
  const end = (): void => {
    void simulator.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        tell(String(error));
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  listen(simulator, () => {
    if (exitWithParent) end();
  });
  const { port, controlPort } = simulator;
  const line = options.serial === undefined ? { tcp: port } : { serial: options.serial.path };
  say(JSON.stringify({ ready: true, ...line, control: controlPort }));
}

const start = readStart();
if (start !== null) await run(start).catch(fail);
