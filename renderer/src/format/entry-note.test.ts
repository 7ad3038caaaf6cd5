import { expect, test } from 'vitest';
import type { JournalRow } from '../../../contracts/ipw.ts';
import { entryNote } from './entry-note.ts';

const row = (change: Partial<JournalRow>): JournalRow => ({
  seq: 1,
  type: 'payment.accepted',
  wallTime: '2026-11-23T10:00:00Z',
  subject: 'WS07-20261123-0001',
  amount: null,
  sync: 'acknowledged',
  outcome: 'posted',
  note: null,
  ...change,
});

test('a row says why it is where it is', () => {
  expect(entryNote(row({}), true, 'az')).toBeNull();
  expect(entryNote(row({ sync: 'recorded', outcome: null }), false, 'az')).toEqual({
    kind: 'known',
    note: 'offline',
  });
  expect(entryNote(row({ sync: 'recorded', outcome: null }), true, 'az')).toEqual({
    kind: 'known',
    note: 'next',
  });
  expect(entryNote(row({ sync: 'sent', outcome: null }), true, 'az')).toEqual({
    kind: 'known',
    note: 'answer',
  });
  expect(entryNote(row({ sync: 'sent', outcome: null }), false, 'az')).toEqual({
    kind: 'known',
    note: 'offline',
  });
  expect(entryNote(row({ outcome: 'unallocated' }), true, 'az')).toEqual({
    kind: 'known',
    note: 'unallocated',
  });
  expect(entryNote(row({ outcome: 'case', note: 'codeTaken' }), true, 'az')).toEqual({
    kind: 'known',
    note: 'codeTaken',
  });
});

test('a failure’s code comes out in words, anything else as it came', () => {
  const told = entryNote(row({ outcome: 'case', note: 'paymentAlreadyStornoed' }), true, 'en');
  expect(told).toEqual({ kind: 'text', text: 'This payment has been cancelled already.' });
  expect(entryNote(row({ note: 'somethingNewer' }), true, 'en')).toEqual({
    kind: 'text',
    text: 'somethingNewer',
  });
});
