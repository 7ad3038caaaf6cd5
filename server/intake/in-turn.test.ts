import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

test('one after the other by key, keys beside each other, a failure stays with its own, and a queue has an end', async () => {
  const lanes = inTurn(2);
  const log: string[] = [];
  const open = new Map<string, () => void>();
  const job = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await new Promise<void>((done) => open.set(name, done));
    log.push(`${name} ends`);
    if (name === 'a1') throw new Error('a1 fails');
    return name;
  };
  const [a1, a2, a3] = ['a1', 'a2', 'a3'].map((name) => lanes.run('a', job(name)));
  expect(lanes.run('a', job('a4'))).toBe('full');
  const b1 = lanes.run('b', job('b1'));
  await Promise.resolve();
  expect(log).toEqual(['a1 begins', 'b1 begins']);
  open.get('b1')?.();
  expect(await b1).toBe('b1');
  open.get('a1')?.();
  await expect(a1).rejects.toThrow('a1 fails');
  for (const name of ['a2', 'a3'] as const) {
    while (!open.has(name)) await Promise.resolve();
    open.get(name)?.();
  }
  expect(await Promise.all([a2, a3])).toEqual(['a2', 'a3']);
  expect(log.filter((line) => line.startsWith('a'))).toEqual(
    ['a1', 'a2', 'a3'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  const again = lanes.run('a', () => Promise.resolve('again'));
  expect(await again).toBe('again');
});
