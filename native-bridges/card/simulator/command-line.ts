import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { cardSpecSchema } from './card-state.ts';
import { masterKeysSchema } from './keys.ts';
import type { VirtualCardsOptions } from './virtual-cards.ts';

/** What the virtual cards are told when they start. */

export const USAGE = `KÖMİS virtual meter cards. Not real cards: no meter is loaded.

  --keys FILE         JSON: master keys by "company:revision", 32 hex digits each; for demonstration only
  --cards FILE        JSON: cards to make where they are not there yet
  --state FILE        the cards survive the end of the process in this file
  --vpcd PORT         where vpcd listens, the first slot; default 35963
  --host ADDRESS      of vpcd; default 127.0.0.1
  --slots N           readers in a row; default 2
  --insert CARD       put this one into the first reader at once
  --control PORT      the page, on 127.0.0.1 (0: any free port; default 0)
  --exit-with-parent  end when standard input ends
  --help
`;

export type Start = {
  readonly options: VirtualCardsOptions;
  readonly insert: string | null;
  readonly exitWithParent: boolean;
};

const port = z.coerce.number().int().min(0).max(65_535);
const argumentsSchema = z.object({
  keys: z.string().min(1),
  cards: z.string().min(1).optional(),
  state: z.string().min(1).optional(),
  vpcd: port.min(1).default(35_963),
  host: z.string().min(1).default('127.0.0.1'),
  slots: z.coerce.number().int().min(1).max(8).default(2),
  insert: z.string().min(1).optional(),
  control: port.default(0),
  'exit-with-parent': z.boolean().default(false),
});

/** Reads the command line and the files it names. Throws in words on anything it does not know. */
export function startOf(args: readonly string[]): Start | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: 'string' },
      cards: { type: 'string' },
      state: { type: 'string' },
      vpcd: { type: 'string' },
      host: { type: 'string' },
      slots: { type: 'string' },
      insert: { type: 'string' },
      control: { type: 'string' },
      'exit-with-parent': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const given = read(argumentsSchema, values);
  return {
    exitWithParent: given['exit-with-parent'],
    insert: given.insert ?? null,
    options: {
      vpcd: { host: given.host, port: given.vpcd },
      control: { port: given.control },
      slots: given.slots,
      keys: read(masterKeysSchema, fileOf(given.keys)),
      ...(given.cards === undefined ? {} : { cards: read(z.array(cardSpecSchema), fileOf(given.cards)) }),
      ...(given.state === undefined ? {} : { stateFile: given.state }),
    },
  };
}

function fileOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // What was read stays out of the message: it may be keys.
    throw new Error(error instanceof SyntaxError ? `${path} is no JSON` : String(error));
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}
