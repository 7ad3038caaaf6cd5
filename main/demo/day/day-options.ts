import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

/** What `npm run day` was asked for. */
export type DayOptions = {
  readonly payments: number;
  readonly seed: number;
  /** XML lists to take instead of the demo's. */
  readonly lists: string | null;
  /** Where the day's papers are kept. */
  readonly out: string | null;
  readonly json: string | null;
};

const PAYMENTS_MAX = 20_000;

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
    return value;
  };
}

/** Reads the arguments of `npm run day`. Commander ends the process on `--help` and on what it does not know. */
export function dayOptions(args: readonly string[]): DayOptions {
  const program = new Command('npm run day --')
    .description(
      'Plays a business day through the real parts with no person: lists, payments online and offline, in cash and by ' +
        'card, a line and a terminal that are cut, power cuts, restart, drain. Exit code 0 only if everything that must hold does.',
    )
    .option('--payments <number>', 'how many customers are served', whole(10, PAYMENTS_MAX), 60)
    .option('--seed <number>', 'another one plays another day', whole(0, 2 ** 32 - 1), 1)
    .option('--lists <folder>', 'take these XML lists instead of the demo’s')
    .option('--out <folder>', 'keep the receipts, registers and files of the day here')
    .option('--json <file>', 'write the outcome here')
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  const { payments, seed, lists, out, json } = program.opts<{
    payments: number;
    seed: number;
    lists?: string;
    out?: string;
    json?: string;
  }>();
  const path = (given: string | undefined): string | null => (given === undefined ? null : resolve(given));
  return { payments, seed, lists: path(lists), out: path(out), json: path(json) };
}
