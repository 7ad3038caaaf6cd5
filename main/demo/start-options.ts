import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What `npm start` was asked for. */
export type StartOptions = {
  readonly dataDir: string;
  readonly open: boolean;
  readonly shell: 'electron' | 'browser' | null;
  /** Where the browser finds the workstation; null: the usual port, or another one when that is taken. */
  readonly port: number | null;
};

/** A port number. 0 takes a free one. */
function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

/** Reads the arguments of `npm start`. Commander ends the process on `--help` and on what it does not know. */
export function startOptions(args: readonly string[]): StartOptions {
  const program = new Command('npm start --')
    .description(
      'Sets up a demo of KÖMİS and brings it up: the centre with its database, and one workstation.',
    )
    .option('--data-dir <folder>', 'where everything is kept between starts', '.data')
    .addOption(
      new Option('--shell <shell>', 'the workstation as an Electron window or in the browser').choices([
        'electron',
        'browser',
      ]),
    )
    .option('--port <number>', 'port of the workstation in the browser', port)
    .option('--no-open', 'opens no window, only prints the address')
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  const options = program.opts<{
    dataDir: string;
    shell?: 'electron' | 'browser';
    port?: number;
    open: boolean;
  }>();
  return {
    dataDir: resolve(options.dataDir),
    open: options.open,
    shell: options.shell ?? null,
    port: options.port ?? null,
  };
}
