import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ipwContract } from '../../../contracts/ipw.ts';
import { createHost } from '../../../contracts/rpc/host.ts';
import type { Channel } from '../../../contracts/rpc/channel.ts';
import { memoryChannelPair } from '../../../contracts/rpc/memory-channel.ts';
import { fakeHandlers } from '../testing/fake-host.ts';
import { fakeState } from '../testing/fake-state.ts';
import { channelOpener, keepLine } from './line.ts';
import { askForPort } from './port-channel.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As much of a page as the port handshake touches. */
class FakePage extends EventTarget {
  readonly asked: unknown[] = [];
  readonly location = { protocol: 'ipw:', host: 'ipw', origin: 'ipw://ipw' };
  readonly setTimeout = setTimeout.bind(globalThis);
  readonly clearTimeout = clearTimeout.bind(globalThis);
  postMessage(message: unknown): void {
    this.asked.push(message);
  }
  give(source: unknown, data: unknown, ports: readonly MessagePort[]): void {
    this.dispatchEvent(Object.assign(new Event('message'), { source, data, ports }));
  }
  /** The handshake asks for nothing else of a Window. */
  asWindow(): Window {
    return this as unknown as Window;
  }
}

test('a port from the preload is a channel; messages from anywhere else are not heard', async () => {
  const page = new FakePage();
  const opening = askForPort(page.asWindow());
  expect(page.asked).toEqual([{ kind: 'ipw.portWanted' }]);
  const { port1, port2 } = new MessageChannel();
  const foreign = new MessageChannel();
  page.give({}, { kind: 'ipw.portGiven' }, [foreign.port1]);
  page.give(page, { kind: 'something' }, [foreign.port1]);
  page.give(page, { kind: 'ipw.portGiven' }, []);
  page.give(page, { kind: 'ipw.portGiven' }, [port1]);
  const channel = await opening;

  const sent = new Promise((heard) => port2.addEventListener('message', (event) => heard(event.data)));
  port2.start();
  channel.send({ kind: 'unwatch', id: 7 });
  expect(await sent).toEqual({ kind: 'unwatch', id: 7 });
  const received = new Promise((heard) => channel.onFrame(heard));
  port2.postMessage({ kind: 'state', id: 1, seq: 1, state: {} });
  expect(await received).toEqual({ kind: 'state', id: 1, seq: 1, state: {} });
  channel.close();
  foreign.port1.close();
});

test('a preload that gives nothing is given up', async () => {
  const outcome = askForPort(new FakePage().asWindow()).then(
    () => 'opened',
    (error: unknown) => String(error),
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toContain('no port');
});

test('the shell is told by the address of the page', async () => {
  const page = new FakePage();
  void channelOpener(page.asWindow())().catch(() => undefined);
  expect(page.asked).toHaveLength(1);
});

test('a line that breaks is opened again, with patience; what was under way is unknown, states are told anew', async () => {
  const state = fakeState(new URLSearchParams(), Date.now);
  const host = createHost(ipwContract, fakeHandlers(state, Date.now), { onFault: () => 'fault' });
  let opened: Channel | undefined;
  let tries = 0;
  let away = false;
  const open = async (): Promise<Channel> => {
    tries += 1;
    if (away) throw new Error('away');
    const [own, other] = memoryChannelPair();
    host.attach(other);
    opened = own;
    return own;
  };
  const up: boolean[] = [];
  const client = keepLine(open, (is) => up.push(is));
  const shifts: (number | undefined)[] = [];
  client.session((session) => shifts.push(session.shift?.shiftNo));
  await vi.advanceTimersByTimeAsync(10);
  expect(up).toEqual([true]);
  expect(shifts).toEqual([214]);

  const asked = client['sync.now']({});
  away = true;
  opened?.close();
  await vi.advanceTimersByTimeAsync(1);
  expect(await asked).toEqual({ ok: false, error: { code: 'connectionLost' } });
  expect(up.at(-1)).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  // Two seconds apart in the end: neither forgotten nor hammered.
  expect(tries).toBeGreaterThan(20);
  expect(tries).toBeLessThan(40);

  state.session.set({ shift: null });
  away = false;
  await vi.advanceTimersByTimeAsync(3000);
  expect(up.at(-1)).toBe(true);
  expect(shifts.at(-1)).toBeUndefined();
  expect((await client['session.language']({ language: 'ru' })).ok).toBe(true);
  host.stop();
});
