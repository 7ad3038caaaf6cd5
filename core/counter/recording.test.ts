import { expect, test } from 'vitest';
import { workbench } from '../testing/workbench.ts';
import { createLedger } from './recording.ts';

/** A journal that would fetch pages of entries says so: screens ask for single records at every change. */
test('a record is read alone, without the entries after it', async () => {
  const { journal } = await workbench();
  const entries = [...journal.read(1)];
  expect(entries.length).toBeGreaterThan(0);
  const ledger = createLedger(
    {
      ...journal,
      read: () => {
        throw new Error('entries were read from there on');
      },
      readBack(before, limit, waitingOnly) {
        expect(limit).toBe(1);
        return journal.readBack(before, limit, waitingOnly);
      },
    },
    () => undefined,
  );
  for (const entry of entries) expect(ledger.read(entry.seq, entry.body.type)).toEqual(entry);
  expect(() => ledger.read(entries.length + 1, 'shift.opened')).toThrow('the journal has an entry');
});
