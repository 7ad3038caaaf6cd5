import { parseArgs } from 'node:util';
import { z } from 'zod';
import { CARD_KEYS } from './cards.ts';
import type { ControlCommand } from './control.ts';
import type { SimulatorOptions } from './simulator.ts';

/** What the simulator is told when it starts, and at its keyboard. */

export const USAGE = `KÖMİS POS terminal simulator (ZVT). Not a real terminal: no card is charged.

  --tcp PORT          listen for the till on TCP (0: any free port; default 20007 unless --serial)
  --host ADDRESS      for --tcp; default 127.0.0.1
  --serial PATH       speak on a serial port instead
  --baud RATE         default 9600
  --control PORT      the page, on 127.0.0.1 (0: any free port; default 0)
  --state FILE        terminal and bank survive the end of the process in this file
  --hand              nobody plays the customer by himself
  --speed N           the terminal's clock runs N times faster
  --seed N            for whatever faults leave to chance
  --terminal-id ID    eight digits
  --password DIGITS   six digits; default 000000
  --pan-in-clear      a badly set up terminal that does not mask card numbers
  --exit-with-parent  end when standard input ends
  --help

At the keyboard: insert [card], tap [card], pin ok, pin wrong, decline [code], cancel, pull, slow SECONDS, auto, hand, status, help
`;

export type Start = { readonly options: SimulatorOptions; readonly exitWithParent: boolean };

const port = z.coerce.number().int().min(0).max(65_535);
const argumentsSchema = z.object({
  tcp: port.optional(),
  host: z.string().min(1).default('127.0.0.1'),
  serial: z.string().min(1).optional(),
  baud: z.coerce.number().int().min(300).max(921_600).default(9600),
  control: port.default(0),
  state: z.string().min(1).optional(),
  hand: z.boolean().default(false),
  speed: z.coerce.number().min(0.01).max(1000).default(1),
  seed: z.coerce.number().int().min(0).default(1),
  'terminal-id': z
    .string()
    .regex(/^\d{8}$/)
    .optional(),
  password: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  'pan-in-clear': z.boolean().default(false),
  'exit-with-parent': z.boolean().default(false),
});

/** Reads the command line. Throws in words on anything it does not know. */
export function startOf(args: readonly string[]): Start | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tcp: { type: 'string' },
      host: { type: 'string' },
      serial: { type: 'string' },
      baud: { type: 'string' },
      control: { type: 'string' },
      state: { type: 'string' },
      hand: { type: 'boolean' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      'terminal-id': { type: 'string' },
      password: { type: 'string' },
      'pan-in-clear': { type: 'boolean' },
      'exit-with-parent': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const parsed = argumentsSchema.safeParse(values);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const given = parsed.data;
  if (given.tcp !== undefined && given.serial !== undefined)
    throw new Error('--tcp or --serial: a terminal has one line');
  return {
    exitWithParent: given['exit-with-parent'],
    options: {
      ...(given.serial === undefined
        ? { tcp: { host: given.host, port: given.tcp ?? 20_007 } }
        : { serial: { path: given.serial, baudRate: given.baud } }),
      control: { port: given.control },
      ...(given.state === undefined ? {} : { stateFile: given.state }),
      mode: given.hand ? 'hand' : 'auto',
      speed: given.speed,
      seed: given.seed,
      terms: {
        ...(given['terminal-id'] === undefined ? {} : { terminalId: given['terminal-id'] }),
        ...(given.password === undefined ? {} : { password: given.password }),
        panInClear: given['pan-in-clear'],
      },
    },
  };
}

/** A line typed at the keyboard: a command, a question, or nothing that is known. */
export type Typed =
  | { readonly kind: 'command'; readonly command: ControlCommand }
  | { readonly kind: 'status' | 'help' | 'nothing' }
  | { readonly kind: 'unknown'; readonly words: string };

const cardSchema = z.enum(CARD_KEYS);
const HOST_REFUSES = 51;

export function typed(line: string): Typed {
  const words = line.trim().toLowerCase();
  const [verb = '', what] = words.split(/\s+/);
  const unknown: Typed = { kind: 'unknown', words };
  const command = (one: ControlCommand): Typed => ({ kind: 'command', command: one });
  const present = (how: 'insert' | 'tap', hostCode: number | null, hostMs: number | null): Typed => {
    const card = cardSchema.safeParse(what ?? 'visa');
    return card.success
      ? command({ do: 'act', act: { act: 'present', card: card.data, how, hostCode, hostMs } })
      : unknown;
  };
  switch (verb) {
    case '':
      return { kind: 'nothing' };
    case 'insert':
    case 'tap':
      return present(verb, null, null);
    case 'pin':
      return what === 'ok' || what === 'wrong'
        ? command({ do: 'act', act: { act: 'pin', right: what === 'ok' } })
        : unknown;
    case 'decline': {
      const code = z.coerce
        .number()
        .int()
        .min(1)
        .max(99)
        .safeParse(what ?? HOST_REFUSES);
      return code.success
        ? command({
            do: 'act',
            act: { act: 'present', card: 'visa', how: 'insert', hostCode: code.data, hostMs: null },
          })
        : unknown;
    }
    case 'slow': {
      const seconds = z.coerce.number().min(0).max(600).safeParse(what);
      return seconds.success
        ? command({
            do: 'act',
            act: {
              act: 'present',
              card: 'visa',
              how: 'insert',
              hostCode: null,
              hostMs: Math.round(seconds.data * 1000),
            },
          })
        : unknown;
    }
    case 'cancel':
      return command({ do: 'act', act: { act: 'cancel' } });
    case 'pull':
      return command({ do: 'act', act: { act: 'pull' } });
    case 'auto':
    case 'hand':
      return command({ do: 'mode', mode: verb });
    case 'status':
    case 'help':
      return { kind: verb };
    default:
      return unknown;
  }
}
