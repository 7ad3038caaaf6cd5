import { expect, test } from 'vitest';
import { createFaultLog } from './fault-log.ts';

test('a bug is written down once, under the reference that is shown', () => {
  const lines = new Array<Readonly<Record<string, unknown>>>();
  const faults = createFaultLog((level, event, fields) => lines.push({ level, event, ...fields }));
  const reference = faults.record('basket.accept', new TypeError('x is not a function'));
  expect(reference).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
  expect(lines).toEqual([
    {
      level: 'error',
      event: 'fault',
      reference,
      where: 'basket.accept',
      message: 'x is not a function',
      stack: expect.stringContaining('fault-log.test.ts') as unknown,
    },
  ]);
  expect(faults.record('timer', 'a thrown text')).not.toBe(reference);
  expect(lines[1]).toMatchObject({ message: 'a thrown text', stack: null });
});
