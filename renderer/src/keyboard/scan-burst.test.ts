import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billBarcode, billQr, subscriberBarcode } from '../../../contracts/rules/bill-code.ts';
import { registrationCode } from '../../../contracts/rules/damm.ts';
import {
  ENTER_GAP_MS,
  GAP_MS,
  NO_BURST,
  OWN_GAP_MS,
  patienceMs,
  pressed,
  quiet,
  type Burst,
  type KeyPress,
  type ScanTarget,
} from './scan-burst.ts';

const press = (key: string, at: number, code = ''): KeyPress => ({
  key,
  code,
  shift: false,
  repeat: false,
  at,
});

/** Types a text with a gap between characters, then Enter; tells what got through to the field and what was scanned. */
function typed(
  text: string,
  gap: number,
  target: ScanTarget,
  enterGap = gap,
): { field: string; scan: string | undefined } {
  let burst: Burst = NO_BURST;
  let field = '';
  let before = '';
  let at = 1000;
  for (const key of text) {
    at += gap;
    const [next, verdict] = pressed(burst, press(key, at), target);
    burst = next;
    if (verdict.kind === 'pass') {
      if (verdict.first) before = field;
      field += key;
    }
  }
  const [, verdict] = pressed(burst, press('Enter', at + enterGap), target);
  return verdict.kind === 'scan' ? { field: before, scan: verdict.text } : { field, scan: undefined };
}

const BILL = billBarcode({ billerNo: '001', account: '1104552018' });
const TARGETS: readonly ScanTarget[] = ['amount', 'find', 'text', 'nothing'];

test('a PC that is busy stretches a scan of our own codes, and still cuts nothing off', () => {
  for (const target of TARGETS) {
    // The first two characters are not yet told from fingers where an amount has the focus.
    if (target === 'amount' || target === 'nothing') continue;
    expect(typed(BILL, 300, target)).toEqual({ field: '', scan: BILL });
  }
  const begun = ['K', 'M', '1'].reduce(
    (burst, key, index) => pressed(burst, press(key, 1000 + index * 4), 'amount')[0],
    NO_BURST,
  );
  const [slow] = pressed(begun, press('0', 1300), 'amount');
  expect(slow.text).toBe('KM10');
  expect(patienceMs(slow)).toBe(OWN_GAP_MS);
});

test('what fingers typed right before a scan stays in the field, and the scan is whole', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12, unit: fc.constantFrom(...'KMR1komishtp:/ az') }),
      fc.integer({ min: GAP_MS + 1, max: 300 }),
      fc.constantFrom<ScanTarget>('text', 'find'),
      (fingers, gap, target) => {
        fc.pre(!/(?:KM1|KR1|komis:|https:\/\/)/.test(fingers));
        let burst: Burst = NO_BURST;
        let field = '';
        let before = '';
        let at = 1000;
        const type = (text: string, pause: number): void => {
          for (const key of text) {
            at += pause;
            const [next, verdict] = pressed(burst, press(key, at), target);
            burst = next;
            if (verdict.kind === 'pass' && verdict.first) before = field;
            field += key;
          }
        };
        type(fingers, gap);
        type(BILL, 4);
        const [, verdict] = pressed(burst, press('Enter', at + 4), target);
        expect(verdict).toEqual({ kind: 'scan', text: BILL });
        expect(before).toBe(fingers);
      },
    ),
  );
});

test('a scanned bill is recognised whatever has the focus, and leaves nothing in the field', () => {
  for (const target of TARGETS) {
    for (const code of [
      BILL,
      billQr({ billerNo: '001', account: '1104552018' }),
      subscriberBarcode(registrationCode(1)),
    ]) {
      expect(typed(code, 4, target)).toEqual({ field: '', scan: code });
    }
  }
});

test('a busy PC that stretches a scan of our own code does not break it', () => {
  for (const target of TARGETS) expect(typed(BILL, OWN_GAP_MS, target)).toEqual({ field: '', scan: BILL });
});

test('whatever a scanner types never lands in an amount', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 6, maxLength: 60, unit: fc.constantFrom(...'0123456789.,KMRabc-:') }),
      fc.integer({ min: 0, max: GAP_MS }),
      (text, gap) => {
        expect(typed(text, gap, 'amount')).toEqual({ field: '', scan: text });
      },
    ),
  );
});

test('what fingers type is left alone everywhere', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'0123456789,') }),
      fc.integer({ min: GAP_MS + 1, max: 400 }),
      fc.constantFrom(...TARGETS),
      (text, gap, target) => {
        expect(typed(text, gap, target)).toEqual({ field: text, scan: undefined });
      },
    ),
  );
});

test('a few digits rolled over the number pad come back to the amount', () => {
  let burst: Burst = NO_BURST;
  let field = '';
  for (const [index, key] of [...'10050'].entries()) {
    const [next, verdict] = pressed(burst, press(key, index * 10), 'amount');
    burst = next;
    if (verdict.kind === 'pass') field += key;
  }
  expect(field).toBe('100');
  expect(quiet(burst, 'amount')).toEqual({ giveBack: '50' });
});

test('a scanner without Enter is heard when it falls silent, in an amount', () => {
  let burst: Burst = NO_BURST;
  for (const [index, key] of [...'1104552018'].entries())
    [burst] = pressed(burst, press(key, index * 5), 'amount');
  expect(quiet(burst, 'amount')).toEqual({ scan: '1104552018' });
});

test('the find field and free text keep fast typing that is none of our codes', () => {
  expect(typed('1104552018', 5, 'find')).toEqual({ field: '1104552018', scan: undefined });
  expect(typed('Novbe-2026', 5, 'text')).toEqual({ field: 'Novbe-2026', scan: undefined });
});

test('an Enter that comes late confirms, it does not end a burst', () => {
  expect(typed('100', 5, 'amount', ENTER_GAP_MS + 1)).toEqual({ field: '100', scan: undefined });
});

test('a scanner under a Cyrillic layout is read by its keys', () => {
  const keys: readonly (readonly [string, string])[] = [
    ['Л', 'KeyK'],
    ['Ь', 'KeyM'],
    ...[...'10011104552018'].map((digit): readonly [string, string] => [digit, `Digit${digit}`]),
  ];
  let burst: Burst = NO_BURST;
  keys.forEach(([key, code], index) => {
    const shift = code.startsWith('Key');
    [burst] = pressed(burst, { key, code, shift, repeat: false, at: index * 5 }, 'find');
  });
  const [, verdict] = pressed(burst, press('Enter', keys.length * 5), 'find');
  expect(verdict).toEqual({ kind: 'scan', text: 'KM10011104552018' });
});

test('a key held down is no scanner', () => {
  let burst: Burst = NO_BURST;
  for (let at = 0; at < 300; at += 30)
    [burst] = pressed(burst, { ...press('5', at), repeat: at > 0 }, 'amount');
  const [, verdict] = pressed(burst, press('Enter', 310), 'amount');
  expect(verdict).toEqual({ kind: 'pass', first: false });
});
