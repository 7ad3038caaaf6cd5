import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Qepik } from '../../../contracts/money.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import {
  approvalKey,
  beginDialogue,
  dialogueStep,
  HOLD_MS,
  T3_MS,
  T4_MS,
  type DialogueEffect,
  type DialogueEnd,
  type DialogueInput,
  type DialogueState,
} from './dialogue.ts';
import type { Fields, Message } from './message.ts';
import { answerOfMoney, isAlreadyReversed } from './outcome.ts';
import { NO_RECEIPTS } from '../../../contracts/pos.ts';

const ASKED = 1010 as Qepik;
const YEAR = 2026;
const APPROVED: Fields = {
  result: 0,
  amount: ASKED,
  currency: 944,
  receiptNo: '0042',
  trace: '000123',
  terminalId: '99000001',
};

const say = (message: Message, doubts: string[] = []): DialogueInput => ({
  kind: 'heard',
  decoded: { kind: 'message', message, doubts },
  code: 0,
});
const SENT: DialogueInput = { kind: 'sent', outcome: { kind: 'sent' } };
const ANSWERED: DialogueInput = { kind: 'answered', outcome: { kind: 'sent' } };
const POSITIVE = say({ name: 'positive' });
const APPROVAL = say({ name: 'statusInformation', ...APPROVED });
const DONE = say({ name: 'completion' });
const DOWN: DialogueInput = { kind: 'down', reason: posReason('lineLost') };
const aborted = (result?: number): DialogueInput =>
  say(result === undefined ? { name: 'aborted' } : { name: 'aborted', result });

type Run = { state: DialogueState; effects: DialogueEffect[]; steps: DialogueEffect[][] };

function run(
  inputs: readonly (DialogueInput | ((run: Run) => DialogueInput))[],
  start = beginDialogue(ASKED, YEAR),
): Run {
  const now: Run = { state: start, effects: [], steps: [] };
  for (const input of inputs) {
    const step = dialogueStep(now.state, typeof input === 'function' ? input(now) : input);
    now.state = step.state;
    now.effects.push(...step.effects);
    now.steps.push([...step.effects]);
  }
  return now;
}

/** The journal's answer to the last question. */
const stored =
  (isStored: boolean) =>
  (of: Run): DialogueInput => {
    const hold = of.effects.findLast((effect) => effect.kind === 'hold');
    return { kind: 'held', key: hold?.key ?? 'none', stored: isStored };
  };

const endOf = ({ effects }: Run): DialogueEnd | null =>
  effects.find((effect) => effect.kind === 'over')?.end ?? null;
const answerOf = (of: Run) => {
  const end = endOf(of);
  return end === null ? null : answerOfMoney(end, NO_RECEIPTS);
};
const repliesOf = (effects: readonly DialogueEffect[]): (number | 'yes')[] =>
  effects
    .filter((effect) => effect.kind === 'answer')
    .map(({ reply }) => (reply.name === 'negative' ? reply.error : 'yes'));
const holdsOf = ({ effects }: Run) => effects.filter((effect) => effect.kind === 'hold');
const last = ({ steps }: Run): DialogueEffect[] => steps.at(-1) ?? [];

describe('a sale', () => {
  test('is confirmed by 06 0F after the approval was stored and told', () => {
    const sale = run([SENT, POSITIVE, APPROVAL, stored(true), ANSWERED, DONE]);
    expect(repliesOf(sale.effects)).toEqual(['yes', 'yes']);
    expect(answerOf(sale)).toMatchObject({ kind: 'confirmed', result: { amount: ASKED, receiptNo: '0042' } });
  });

  test('the terminal is told nothing while the approval is not stored', () => {
    const sale = run([SENT, POSITIVE, APPROVAL]);
    expect(repliesOf(sale.effects)).toEqual([]);
    expect(holdsOf(sale)).toHaveLength(1);
    expect(repliesOf(last(run([SENT, POSITIVE, APPROVAL, stored(true)])))).toEqual(['yes']);
  });

  test('storing takes long: 84 9C, again and again, and the journal is asked once', () => {
    const slow: DialogueInput = { kind: 'elapsed', timer: 'hold' };
    const sale = run([
      SENT,
      POSITIVE,
      APPROVAL,
      slow,
      ANSWERED,
      APPROVAL,
      slow,
      ANSWERED,
      APPROVAL,
      stored(true),
      DONE,
    ]);
    expect(repliesOf(sale.effects)).toEqual([0x9c, 0x9c, 'yes', 'yes']);
    expect(holdsOf(sale)).toHaveLength(1);
    expect(sale.effects).toContainEqual({ kind: 'arm', timer: 'hold', ms: HOLD_MS });
    expect(answerOf(sale)?.kind).toBe('confirmed');
  });

  test('stored between two asks of the terminal: yes at the next one', () => {
    const sale = run([SENT, POSITIVE, APPROVAL, { kind: 'elapsed', timer: 'hold' }, stored(true)]);
    expect(repliesOf(sale.effects)).toEqual([0x9c]);
    expect(
      repliesOf(
        last(run([SENT, POSITIVE, APPROVAL, { kind: 'elapsed', timer: 'hold' }, stored(true), APPROVAL])),
      ),
    ).toEqual(['yes']);
  });

  test('stored, but the terminal gave up before it was told: unknown', () => {
    const sale = run([
      SENT,
      POSITIVE,
      APPROVAL,
      { kind: 'elapsed', timer: 'hold' },
      stored(true),
      aborted(0x6c),
    ]);
    expect(answerOf(sale)?.kind).toBe('unknown');
  });

  test('not stored: 84 66, also when asked again, and never "declined"', () => {
    const sale = run([SENT, POSITIVE, APPROVAL, stored(false), APPROVAL, aborted(0x66)]);
    expect(repliesOf(sale.effects)).toEqual([0x66, 0x66, 'yes']);
    expect(answerOf(sale)).toEqual({ kind: 'unknown', reason: posReason('notStored') });
  });

  test.each([
    ['another amount', { amount: 1011 }, 0xb7, 'amountDiffers'],
    ['another currency', { currency: 978 }, 0x6f, 'currencyWrong'],
  ])('%s: refused, not stored, and found out', (_name, differs, error, code) => {
    const sale = run([
      SENT,
      POSITIVE,
      say({ name: 'statusInformation', ...APPROVED, ...differs }),
      aborted(0x6c),
    ]);
    expect(repliesOf(sale.effects)).toEqual([error, 'yes']);
    expect(holdsOf(sale)).toEqual([]);
    expect(answerOf(sale)).toMatchObject({ kind: 'unknown', reason: { code } });
  });

  test('an approval that states no amount counts for what was asked, unless part of it could not be read', () => {
    const { amount: _amount, ...bare } = APPROVED;
    const message = { name: 'statusInformation', ...bare } as const;
    expect(holdsOf(run([SENT, POSITIVE, say(message)]))).toMatchObject([{ result: { amount: ASKED } }]);
    const doubtful = run([SENT, POSITIVE, say(message, ['bitmap 7F'])]);
    expect(repliesOf(doubtful.effects)).toEqual([0x66]);
    expect(holdsOf(doubtful)).toEqual([]);
  });

  test('84 1E has its reason in its data; without any it is the reason itself', () => {
    const refusedBy = (reply: Message): unknown =>
      run([SENT, say(reply)]).effects.flatMap((effect) => (effect.kind === 'over' ? [effect.end] : []));
    expect(refusedBy({ name: 'negative', error: 0x1e, result: 0x7d })).toMatchObject([
      { how: 'refused', error: 0x7d },
    ]);
    expect(refusedBy({ name: 'negative', error: 0x1e })).toMatchObject([{ how: 'refused', error: 0x1e }]);
    expect(refusedBy({ name: 'negative', error: 0x83, result: 5 })).toMatchObject([
      { how: 'refused', error: 0x83 },
    ]);
  });

  test('a status information without a result, or one that cannot be read, is refused', () => {
    const { result: _result, ...bare } = APPROVED;
    expect(repliesOf(run([SENT, POSITIVE, say({ name: 'statusInformation', ...bare })]).effects)).toEqual([
      0x66,
    ]);
    const unread = run([
      SENT,
      POSITIVE,
      { kind: 'heard', decoded: { kind: 'malformed', why: 'length' }, code: 0x040f },
      aborted(0x6c),
    ]);
    expect(repliesOf(unread.effects)).toEqual([0x9a, 'yes']);
    expect(answerOf(unread)?.kind).toBe('unknown');
  });

  test('the terminal states more of the approval: stored again, the last result counts', () => {
    const more = say({ name: 'statusInformation', ...APPROVED, authCode: '777' });
    const sale = run([SENT, POSITIVE, APPROVAL, stored(true), ANSWERED, more, stored(true), DONE]);
    expect(holdsOf(sale)).toHaveLength(2);
    expect(answerOf(sale)).toMatchObject({ kind: 'confirmed', result: { authCode: '777' } });
  });

  test('an answer for an approval that was replaced meanwhile is not taken for the new one', () => {
    const more = say({ name: 'statusInformation', ...APPROVED, authCode: '777' });
    const first = run([SENT, POSITIVE, APPROVAL]);
    const key = holdsOf(first)[0]?.kind === 'hold' ? (holdsOf(first)[0] as { key: string }).key : '';
    const sale = run([SENT, POSITIVE, APPROVAL, more, { kind: 'held', key, stored: true }]);
    expect(repliesOf(sale.effects)).toEqual([]);
  });

  test.each([
    ['06 1E after our yes', [aborted(0x6c)]],
    ['auto-reversal after our yes', [say({ name: 'intermediateStatus', status: 0x05 }), DONE]],
    ['auto-reversal with the card still in', [say({ name: 'intermediateStatus', status: 0x45 }), DONE]],
    ['a failure stated after our yes', [say({ name: 'statusInformation', ...APPROVED, result: 0x6c }), DONE]],
    ['the line is lost after our yes', [DOWN]],
    [
      'our yes was not acknowledged',
      [{ kind: 'answered', outcome: { kind: 'lost', reason: posReason('silent') } } as const],
    ],
    ['T4 after our yes', [{ kind: 'elapsed', timer: 't4' } as const]],
  ])('%s: unknown, never declined', (_name, rest) => {
    expect(answerOf(run([SENT, POSITIVE, APPROVAL, stored(true), ...rest]))?.kind).toBe('unknown');
  });

  test.each([
    ['06 1E before an approval', [POSITIVE, aborted(0x6c)], 'cancelled'],
    ['84 xx to the command', [say({ name: 'negative', error: 0x6f })], 'currencyWrong'],
    [
      'a failed status, then 06 0F',
      [POSITIVE, say({ name: 'statusInformation', result: 0x33 }), DONE],
      'insufficientFunds',
    ],
    [
      'a failed status, then 06 1E',
      [POSITIVE, say({ name: 'statusInformation', result: 0x78 }), aborted(0x78)],
      'cardExpired',
    ],
    [
      'auto-reversal before an approval',
      [POSITIVE, say({ name: 'intermediateStatus', status: 0x05 }), aborted(0x6c)],
      'cancelled',
    ],
  ])('%s: declined', (_name, rest, code) => {
    expect(answerOf(run([SENT, ...rest]))).toMatchObject({ kind: 'declined', reason: { code } });
  });

  test.each([
    ['06 0F without a status', [POSITIVE, DONE]],
    ['06 1E without a reason', [POSITIVE, aborted()]],
    ['06 1E with "all is well"', [POSITIVE, aborted(0)]],
    ['T3', [{ kind: 'elapsed', timer: 't3' } as const]],
    ['T4', [POSITIVE, { kind: 'elapsed', timer: 't4' } as const]],
    ['the line lost before the answer', [DOWN]],
    ['the line lost before the approval', [POSITIVE, DOWN]],
  ])('%s: unknown', (_name, rest) => {
    expect(answerOf(run([SENT, ...rest]))?.kind).toBe('unknown');
  });

  test('a command that was not acknowledged three times may have been heard', () => {
    const reason = posReason('silent');
    expect(answerOf(run([{ kind: 'sent', outcome: { kind: 'lost', reason } }]))).toEqual({
      kind: 'unknown',
      reason,
    });
    expect(answerOf(run([{ kind: 'sent', outcome: { kind: 'notSent', reason } }]))).toEqual({
      kind: 'notSent',
      reason,
    });
  });

  test('while the command is on its way, the link says whether a byte has left', () => {
    expect(endOf(run([DOWN]))).toBeNull();
  });

  test('the answer may be heard before the line reports that the command is out', () => {
    const sale = run([POSITIVE, SENT, APPROVAL, stored(true), DONE]);
    expect(answerOf(sale)?.kind).toBe('confirmed');
    expect(sale.effects).not.toContainEqual({ kind: 'arm', timer: 't3', ms: T3_MS });
  });
});

describe('timers', () => {
  test('T3 from the command, T4 from its answer; everything the terminal says starts T4 again', () => {
    expect(last(run([SENT]))).toEqual([{ kind: 'arm', timer: 't3', ms: T3_MS }]);
    expect(last(run([SENT, POSITIVE]))).toEqual([
      { kind: 'disarm', timer: 't3' },
      { kind: 'arm', timer: 't4', ms: T4_MS },
    ]);
    const waiting = run([SENT, POSITIVE, say({ name: 'intermediateStatus', status: 0x0a })]);
    expect(last(waiting)[0]).toEqual({ kind: 'arm', timer: 't4', ms: T4_MS });
    expect(last(run([SENT, POSITIVE, APPROVAL]))[0]).toEqual({ kind: 'arm', timer: 't4', ms: T4_MS });
  });

  test('04 FF may set T4; it holds for what follows', () => {
    const longer = run([
      SENT,
      POSITIVE,
      say({ name: 'intermediateStatus', status: 0x0a, timeoutMinutes: 5 }),
      say({ name: 'intermediateStatus', status: 0x04 }),
    ]);
    expect(last(longer)[0]).toEqual({ kind: 'arm', timer: 't4', ms: 300_000 });
  });

  test('at the end no timer runs', () => {
    const armed = new Set<string>();
    for (const effect of run([SENT, POSITIVE, APPROVAL, stored(true), DONE]).effects) {
      if (effect.kind === 'arm') armed.add(effect.timer);
      if (effect.kind === 'disarm') armed.delete(effect.timer);
    }
    expect([...armed]).toEqual([]);
  });
});

describe('everything the terminal says is answered', () => {
  test.each<[string, Message]>([
    ['04 FF', { name: 'intermediateStatus', status: 0x0a }],
    ['06 D1', { name: 'printLine', attribute: 0x40, text: 'x' }],
    ['06 D3', { name: 'printBlock', receiptType: 'customer', lines: [] }],
    ['04 01', { name: 'setClockOfEcr', date: '261123', time: '120000' }],
    ['06 0F', { name: 'completion' }],
    ['06 1E', { name: 'aborted', result: 0x6c }],
  ])('%s with 80 00', (_name, message) => {
    expect(repliesOf(last(run([SENT, POSITIVE, say(message)])))).toEqual(['yes']);
  });

  test('a command nobody knows with 84 83', () => {
    const unknown: DialogueInput = {
      kind: 'heard',
      decoded: { kind: 'unknown', class: 6, instruction: 0x99 },
      code: 0x0699,
    };
    expect(repliesOf(last(run([SENT, POSITIVE, unknown])))).toEqual([0x83]);
  });

  test('what is left of an earlier dialogue is answered, and is not taken for this one', () => {
    const left = run([SENT, aborted(0x6c)]);
    expect(repliesOf(left.effects)).toEqual(['yes']);
    expect(endOf(left)).toBeNull();
    const approval = run([SENT, APPROVAL]);
    expect(repliesOf(approval.effects)).toEqual([0x66]);
    expect(holdsOf(approval)).toEqual([]);
  });

  test('an approval of an earlier dialogue that is stored is said yes to', () => {
    const [hold] = holdsOf(run([SENT, POSITIVE, APPROVAL]));
    const key = hold?.kind === 'hold' ? approvalKey(hold.result) : '';
    expect(repliesOf(run([SENT, APPROVAL], beginDialogue(null, YEAR, key)).effects)).toEqual(['yes']);
    const other = say({ name: 'statusInformation', ...APPROVED, receiptNo: '0043' });
    expect(repliesOf(run([SENT, other], beginDialogue(null, YEAR, key)).effects)).toEqual([0x66]);
  });
});

describe('abort', () => {
  const WANTED: DialogueInput = { kind: 'abortWanted' };
  const answersOf = (of: Run) =>
    of.effects.filter((effect) => effect.kind === 'abortAnswered').map(({ answer }) => answer);

  test('goes out when the terminal leads; the operation says what became of it', () => {
    const sale = run([SENT, POSITIVE, WANTED, POSITIVE, aborted(0x6c)]);
    expect(sale.effects.filter(({ kind }) => kind === 'sendAbort')).toHaveLength(1);
    expect(answersOf(sale)).toEqual(['asked']);
    expect(answerOf(sale)).toMatchObject({ kind: 'declined', reason: { code: 'cancelled' } });
  });

  test('waits for the answer to the command', () => {
    expect(run([SENT, WANTED]).effects.some(({ kind }) => kind === 'sendAbort')).toBe(false);
    expect(run([SENT, WANTED, POSITIVE]).effects.some(({ kind }) => kind === 'sendAbort')).toBe(true);
  });

  test('84 83 says too late, and the payment may still be confirmed', () => {
    const sale = run([
      SENT,
      POSITIVE,
      WANTED,
      say({ name: 'negative', error: 0x83 }),
      APPROVAL,
      stored(true),
      DONE,
    ]);
    expect(answersOf(sale)).toEqual(['tooLate']);
    expect(answerOf(sale)?.kind).toBe('confirmed');
  });

  test('after an approval it is too late, and nothing is sent', () => {
    const sale = run([SENT, POSITIVE, APPROVAL, WANTED]);
    expect(answersOf(sale)).toEqual(['tooLate']);
    expect(sale.effects.some(({ kind }) => kind === 'sendAbort')).toBe(false);
  });

  test('is answered in the end, whatever happens', () => {
    expect(answersOf(run([SENT, POSITIVE, WANTED, DOWN]))).toEqual(['asked']);
    expect(answersOf(run([SENT, POSITIVE, WANTED, { kind: 'elapsed', timer: 'abort' }]))).toEqual(['asked']);
    expect(answersOf(run([SENT, WANTED, { kind: 'elapsed', timer: 't3' }]))).toEqual(['tooLate']);
  });
});

test('B4, however it is said, means that the sale is reversed', () => {
  const ends = [
    run([SENT, say({ name: 'negative', error: 0xb4 })]),
    run([SENT, POSITIVE, aborted(0xb4)]),
    run([SENT, POSITIVE, say({ name: 'statusInformation', result: 0xb4 }), DONE]),
  ].map(endOf);
  expect(ends.map((end) => end !== null && isAlreadyReversed(end))).toEqual([true, true, true]);
  const other = endOf(run([SENT, POSITIVE, aborted(0xb5)]));
  expect(other !== null && isAlreadyReversed(other)).toBe(false);
});

describe('any order of events', () => {
  const inputs = fc.oneof(
    fc.constantFrom<DialogueInput>(
      SENT,
      ANSWERED,
      POSITIVE,
      APPROVAL,
      DONE,
      DOWN,
      aborted(),
      aborted(0),
      aborted(0x6c),
      say({ name: 'negative', error: 0x83 }),
      say({ name: 'statusInformation', ...APPROVED, amount: 1 }),
      say({ name: 'statusInformation', ...APPROVED, authCode: '777' }),
      say({ name: 'statusInformation', result: 0x6c }),
      say({ name: 'intermediateStatus', status: 0x05 }),
      say({ name: 'intermediateStatus', status: 0x0a }),
      say({ name: 'printLine', attribute: 0, text: 'x' }),
      { kind: 'abortWanted' },
      { kind: 'sent', outcome: { kind: 'lost', reason: posReason('silent') } },
      { kind: 'answered', outcome: { kind: 'lost', reason: posReason('silent') } },
      { kind: 'heard', decoded: { kind: 'malformed', why: 'x' }, code: 0x040f },
      { kind: 'heard', decoded: { kind: 'malformed', why: 'x' }, code: 0x060f },
      { kind: 'heard', decoded: { kind: 'unknown', class: 6, instruction: 1 }, code: 0x0601 },
      { kind: 'elapsed', timer: 't3' },
      { kind: 'elapsed', timer: 't4' },
      { kind: 'elapsed', timer: 'hold' },
    ),
    fc.boolean().map((isStored) => stored(isStored)),
  );

  /** What the terminal may take for a yes to an approval: any positive answer while it waits for one. */
  test('no yes to an approval before it is stored; declined and notSent only when nothing was approved; one end', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 14 }), (rest) => {
        const now: Run = { state: beginDialogue(ASKED, YEAR), effects: [], steps: [] };
        let approvalSeen = false;
        const storedKeys = new Set<string>();
        for (const make of rest) {
          const input = typeof make === 'function' ? make(now) : make;
          if (input.kind === 'held' && input.stored) storedKeys.add(input.key);
          const before = now.state;
          const step = dialogueStep(before, input);
          const isApproval =
            input.kind === 'heard' &&
            input.decoded.kind === 'message' &&
            input.decoded.message.name === 'statusInformation' &&
            input.decoded.message.result === 0;
          if (isApproval && before.phase === 'led') approvalSeen = true;
          const saysYes = repliesOf(step.effects).includes('yes');
          if (saysYes && (isApproval || input.kind === 'held')) {
            expect(step.state.result).not.toBeNull();
            expect(step.state.result === null || storedKeys.has(approvalKey(step.state.result))).toBe(true);
          }
          now.state = step.state;
          now.effects.push(...step.effects);
        }
        expect(now.effects.filter(({ kind }) => kind === 'over').length).toBeLessThanOrEqual(1);
        const answer = answerOf(now);
        if (answer?.kind === 'declined' || answer?.kind === 'notSent') expect(approvalSeen).toBe(false);
        if (answer?.kind === 'confirmed') expect(storedKeys.size).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  });
});
