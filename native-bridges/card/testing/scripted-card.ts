/**
 * A card that says what it was told to, in a process of its own: a PC/SC call that waits for a card and the card cannot
 * share one. Argument: a CardScript as JSON and the port of a virtual reader. Speaks the protocol of vpcd: frames of two
 * bytes length and so many bytes; one byte from the reader is power or a question for the answer to reset, more are a
 * command. Tells its parent what came, and is pulled out by being told so, or by its parent's end.
 */
import { connect } from 'node:net';
import type { CardScript, FromScriptedCard } from './card-in-reader.ts';

const [scriptJson = '{}', port = '0'] = process.argv.slice(2);
const script = JSON.parse(scriptJson) as CardScript; // written by card-in-reader.ts

const POWER: Readonly<Record<number, 'off' | 'on' | 'reset'>> = { 0: 'off', 1: 'on', 2: 'reset' };
const ASK_ATR = 4;
const NO_SUCH_COMMAND = '6d00';

const say = (message: FromScriptedCard): void => void process.send?.(message);

const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
socket.on('connect', () => say({ kind: 'in' }));
// Pulled out, or the daemon is gone.
socket.on('error', () => process.exit());
socket.on('close', () => process.exit());
process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'pull') socket.destroy();
});

const answer = (hex: string): void => {
  const bytes = Buffer.from(hex, 'hex');
  const frame = Buffer.alloc(2 + bytes.length);
  frame.writeUInt16BE(bytes.length);
  bytes.copy(frame, 2);
  socket.write(frame);
};

function commandCame(bytes: Buffer): void {
  const hex = bytes.toString('hex');
  const rule = script.rules.find(({ to }) => hex.startsWith(to));
  say({ kind: 'command', hex });
  const act = (): void => {
    if (rule?.act === 'pull') socket.destroy();
    else if (rule?.act !== 'mute') answer(rule?.answer ?? NO_SUCH_COMMAND);
  };
  if (rule?.afterMs === undefined) act();
  else setTimeout(act, rule.afterMs);
}

function frameCame(frame: Buffer): void {
  const control = frame.length === 1 ? frame[0] : undefined;
  if (control === undefined) return commandCame(frame);
  const power = POWER[control];
  if (power !== undefined) return say({ kind: 'power', power });
  if (control === ASK_ATR) answer(script.atr);
}

let kept = Buffer.alloc(0);
socket.on('data', (chunk) => {
  kept = Buffer.concat([kept, chunk]);
  while (kept.length >= 2 && kept.length >= 2 + kept.readUInt16BE()) {
    const end = 2 + kept.readUInt16BE();
    const frame = kept.subarray(2, end);
    kept = kept.subarray(end);
    frameCame(frame);
  }
});
