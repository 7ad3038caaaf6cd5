import { createServer, type Server, type Socket } from 'node:net';
import { bytesOf, hexOf } from './wire.ts';

/**
 * A terminal on TCP that says what the test writes down, byte by byte; it shares nothing with the product's codec. What it
 * hears is kept as hex, one string an APDU.
 */
export type ScriptedTerminal = {
  readonly port: number;
  readonly heard: string[];
  /** Connections accepted so far. */
  connections(): number;
  /** What it does when it hears an APDU; replaced at any time. */
  script: Script;
  say(hex: string): void;
  /** Cuts the line. */
  cut(): void;
  close(): Promise<void>;
};

/** Says something for what was heard; undefined: nothing. Several messages are said one after each answer of the till. */
export type Script = (apdu: string, terminal: ScriptedTerminal) => readonly string[] | undefined;

const YES = '800000';

export async function scriptedTerminal(script: Script): Promise<ScriptedTerminal> {
  let socket: Socket | null = null;
  let count = 0;
  let pending: string[] = [];
  const server: Server = createServer((accepted) => {
    socket = accepted;
    count += 1;
    pending = [];
    let rest = Buffer.alloc(0);
    accepted.on('error', () => undefined);
    accepted.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        const head = rest[2] === 0xff ? 5 : 3;
        if (rest.length < head) return;
        const length = head === 5 ? (rest[3] ?? 0) + 256 * (rest[4] ?? 0) : (rest[2] ?? 0);
        if (rest.length < head + length) return;
        const apdu = hexOf(rest.subarray(0, head + length));
        rest = rest.subarray(head + length);
        take(apdu);
      }
    });
  });

  function take(apdu: string): void {
    terminal.heard.push(apdu);
    const said = terminal.script(apdu, terminal);
    if (said !== undefined) pending = [...said];
    const next = pending.shift();
    if (next !== undefined) terminal.say(next);
    // An answer to a command leaves the lead with the terminal, which goes on without being answered.
    if (next === YES) {
      const first = pending.shift();
      if (first !== undefined) terminal.say(first);
    }
  }

  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const terminal: ScriptedTerminal = {
    port: address.port,
    heard: [],
    connections: () => count,
    script,
    say: (hex) => void socket?.write(bytesOf(hex)),
    cut: () => void socket?.resetAndDestroy(),
    close: () =>
      new Promise((done) => {
        socket?.destroy();
        server.close(() => {
          done();
        });
      }),
  };
  return terminal;
}

/** APDUs for scripts. */
export const said = {
  yes: YES,
  registered: '060f0a' + '1900' + '2999000001' + '490944',
  done: '060f00',
  /** 05 01: software version KOMIS TEST, status. */
  state: (status: string): string => `060f0d` + 'f0f0f9' + hexOf(Buffer.from('ZVT TEST1')) + status,
  aborted: (code: string): string => `061e01${code}`,
  live: (status: string): string => `04ff01${status}`,
  /** 04 0F of a sale: result, amount (twelve digits), receipt number, trace. */
  status: (result: string, amount: string, receiptNo: string, trace: string): string =>
    '040f18' + `27${result}` + `04${amount}` + '490944' + `87${receiptNo}` + `0b${trace}` + '2999000001',
} as const;
