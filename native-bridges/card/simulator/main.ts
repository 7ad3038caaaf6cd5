import { startOf, USAGE, type Start } from './command-line.ts';
import { startVirtualCards } from './virtual-cards.ts';

/** The virtual cards as a program. Its first line on standard output is JSON: `{"ready":true,"control":…}`. */

const say = (line: string): void => void process.stdout.write(`${line}\n`);

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

async function run({ options, insert, exitWithParent }: Start): Promise<void> {
  const cards = await startVirtualCards(options);
  const end = (): void => {
    void cards.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  try {
    if (insert !== null) cards.deck.insert(insert, 0);
  } catch (error) {
    await cards.stop();
    throw error;
  }
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (exitWithParent) process.stdin.once('end', end).resume();
  say(JSON.stringify({ ready: true, control: cards.controlPort }));
}

const start = readStart();
if (start !== null) await run(start).catch(fail);
