import { expect, test } from 'vitest';
import { createFamily, type Member } from './family.ts';
import type { Exit, Running } from './processes.ts';

function fake(name: string, log: string[]): Running & { die(exit: Exit): void } {
  let die: (exit: Exit) => void = () => undefined;
  const exited = new Promise<Exit>((done) => (die = done));
  return {
    name,
    pid: 1,
    ready: Promise.resolve({}),
    exited,
    lastWords: () => '',
    die,
    async stop() {
      log.push(`stop ${name}`);
      die({ code: 0, signal: null });
      return [];
    },
    kill: async () => undefined,
  };
}

function member(name: string, log: string[]): Member & { started: ReturnType<typeof fake>[] } {
  const started: ReturnType<typeof fake>[] = [];
  return {
    name,
    started,
    start: async () => {
      const running = fake(name, log);
      started.push(running);
      return running;
    },
    died: (_name, how) => log.push(`${name} died of ${how}`),
    gaveUp: () => log.push(`${name} given up`),
  };
}

test('what was started last is stopped first, once, and nobody is mourned', async () => {
  const log: string[] = [];
  const family = createFamily();
  await family.keep(member('centre', log));
  await family.keep(member('workstation', log));
  family.adopt(fake('window', log));
  expect(await family.stop()).toBe(0);
  expect(log).toEqual(['stop window', 'stop workstation', 'stop centre']);
});

test('one that dies is told and started again, and given up after the third time', async () => {
  const log: string[] = [];
  const family = createFamily();
  const centre = member('centre', log);
  await family.keep(centre);
  for (let n = 1; n <= 4; n += 1) {
    await expect.poll(() => centre.started.length, { timeout: 5000 }).toBe(n);
    centre.started.at(-1)?.die({ code: null, signal: 'SIGKILL' });
    await expect.poll(() => log.length).toBeGreaterThanOrEqual(n);
  }
  await expect.poll(() => log.at(-1)).toBe('centre given up');
  expect(log.filter((line) => line === 'centre died of signal SIGKILL')).toHaveLength(4);
  expect(centre.started).toHaveLength(4);
});

test('a first start that fails is the caller’s to hear of', async () => {
  const family = createFamily();
  const never = { ...member('centre', []), start: () => Promise.reject(new Error('no port')) };
  await expect(family.keep(never)).rejects.toThrow('no port');
  expect(await family.stop()).toBe(0);
});
