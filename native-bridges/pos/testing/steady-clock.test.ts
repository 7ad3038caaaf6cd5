import { expect, test } from 'vitest';
import { steadyClock } from './steady-clock.ts';

/** Keeps this process from running, as a busy machine does. */
function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

test('a process that was stopped for longer than a timer has not waited for it', async () => {
  const clock = steadyClock();
  let elapsed = false;
  clock.after(50, () => (elapsed = true));
  stall(200);
  await turn();
  expect(elapsed).toBe(false);
  await expect.poll(() => elapsed).toBe(true);
});

test('timers run in the order they are due in, however the process was stopped, and not when they were called off', async () => {
  const clock = steadyClock();
  const ran: string[] = [];
  await new Promise<void>((done) => {
    clock.after(60, () => {
      ran.push('long');
      done();
    });
    clock.after(20, () => {
      ran.push('short');
      stall(100);
      clock.after(10, () => ran.push('later'));
      calledOff();
    });
    const calledOff = clock.after(20, () => ran.push('called off'));
  });
  expect(ran).toEqual(['short', 'later', 'long']);
});

test('its time is what its timers wait by', async () => {
  const clock = steadyClock();
  const begun = clock.elapsedMs();
  await new Promise<void>((done) => void clock.after(30, done));
  expect(clock.elapsedMs() - begun).toBeGreaterThanOrEqual(30);
});
