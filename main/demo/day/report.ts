import Table from 'cli-table3';
import type { Invariant } from './invariants.ts';

export type Phase = {
  readonly name: string;
  /** What was done in it, in a few words. */
  readonly did: string;
  readonly payments: number;
  readonly seconds: number;
};

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '  ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

const table = (head: string[], rightAligned: readonly number[]): InstanceType<typeof Table> =>
  new Table({
    head,
    colAligns: head.map((_, index) => (rightAligned.includes(index) ? 'right' : 'left')),
    style: { head: [], border: [] },
    chars: PLAIN,
  });

/** The day as two tables for a person: what happened, and what holds. */
export function dayReport(phases: readonly Phase[], invariants: readonly Invariant[]): string {
  const happened = table(['part of the day', 'payments', 'seconds', ''], [1, 2]);
  for (const { name, payments, seconds, did } of phases)
    happened.push([name, payments === 0 ? '' : String(payments), seconds.toFixed(1), did]);
  const judged = table(['', 'what must hold', 'looked at'], [2]);
  for (const { name, checked, broken } of invariants) {
    judged.push([broken.length === 0 ? 'ok' : 'BROKEN', name, String(checked)]);
    for (const words of broken.slice(0, 5)) judged.push(['', `  ${words}`, '']);
    if (broken.length > 5) judged.push(['', `  and ${broken.length - 5} more`, '']);
  }
  return `${happened.toString()}\n\n${judged.toString()}`;
}
