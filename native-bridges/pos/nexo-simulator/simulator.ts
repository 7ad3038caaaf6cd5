import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeFrame, frameReader } from '../nexo/frames.ts';
import { keepBook, openBook, type Charge } from './book.ts';
import type { Customer } from './customer.ts';
import { faultPlan, type Fault, type FaultPoint } from './faults.ts';
import { terminal, type Terminal } from './terminal.ts';
import { answerText, readRequest } from './wire.ts';

export type NexoSimulatorOptions = {
  /** 0: any that is free. */
  readonly port: number;
  readonly host?: string;
  readonly over: 'tcp' | 'ws';
  readonly poiId?: string;
  /** Where terminal and bank keep their book; in memory only when absent (a restart still finds it). */
  readonly stateFile?: string;
  readonly customer?: Customer;
  /** How long customer and bank take for each of their steps. */
  readonly paceMs?: number;
  /** Told of what happens, for the process's own screen. */
  readonly said?: (line: string) => void;
};

export type NexoSimulator = {
  readonly port: number;
  readonly poiId: string;
  /** The bank's word: every charge and refund ever made, and whether it was taken back. */
  charges(): readonly Charge[];
  /** What customers do from now on. */
  customer(does: Customer): void;
  /** Decides for the customer who waits. */
  decide(does: Exclude<Customer, 'wait'>): void;
  fault(fault: Fault): void;
  clearFaults(): void;
  /** TransactionStatus says InProgress that many times more, although all is done. */
  tellSlowly(times: number): void;
  /** Breaks every line; whoever calls again is let in. */
  cutLine(): void;
  /** Power off and on. */
  restart(): void;
  /** While off, nobody is let in. */
  power(on: boolean): void;
  /** Lines that are open now. */
  lines(): number;
  /** Requests that arrived, by category, for tests. */
  received(): readonly string[];
  stop(): Promise<void>;
};

/** One connection of a till, whatever carries it. */
type Peer = {
  readonly send: (text: string) => void;
  readonly sendHalf: (text: string) => void;
  readonly garble: () => void;
  readonly cut: () => void;
};

/** Starts the simulator on loopback (or `host`). Rejects when the port cannot be had. */
export async function startNexoSimulator(options: NexoSimulatorOptions): Promise<NexoSimulator> {
  const poiId = options.poiId ?? 'SIMULATOR-000000001';
  const paceMs = options.paceMs ?? 800;
  const say = options.said ?? ((): void => undefined);
  const faults = faultPlan();
  const peers = new Set<Peer>();
  const received: string[] = [];
  let book = openBook(options.stateFile);
  let customer: Customer = options.customer ?? 'approve';
  let slowTellings = 0;
  let on = true;
  let life: Terminal = switchOn();

  function switchOn(): Terminal {
    // Written down and read again, so that nothing lives on that the power would have taken.
    const mine = structuredClone(book);
    book = mine;
    return terminal({
      book: mine,
      keep: () => {
        if (book === mine) keepBook(options.stateFile, mine);
      },
      faults,
      poiId,
      paceMs,
      customer: () => customer,
      notify: (text) => {
        if (book === mine) for (const peer of peers) peer.send(text);
      },
      strike: (at, category) => strike(at, category, mine),
      nowMs: () => Date.now(),
      slowToTell: () => {
        slowTellings -= 1;
        return slowTellings >= 0;
      },
    });
  }

  function cutLine(): void {
    for (const peer of peers) peer.cut();
    peers.clear();
  }

  function restart(): void {
    say('power off and on');
    life.die();
    cutLine();
    life = switchOn();
  }

  /** What goes wrong in the middle of the terminal's work; true when it does not go on. */
  async function strike(at: FaultPoint, category: string, mine: typeof book): Promise<boolean> {
    const fault = faults.take(at, category);
    if (fault === undefined) return book !== mine;
    say(`fault: ${fault.does} at ${at}`);
    if (fault.does === 'powerOff') {
      restart();
      return true;
    }
    if (fault.does === 'cut' || fault.does === 'cutHalfway') cutLine();
    if (fault.does === 'garbage') for (const peer of peers) peer.garble();
    if (fault.does === 'delay') await pause(fault.delayMs ?? 0);
    return book !== mine;
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  async function hear(peer: Peer, text: string): Promise<void> {
    const asked = readRequest(text);
    if (asked === 'answer') return;
    if (asked === null) {
      say('not understood, line closed');
      return peer.cut();
    }
    const { category } = asked;
    received.push(category);
    say(`← ${category} ${asked.serviceId}`);
    const inbound = faults.take('request', category);
    if (inbound?.does === 'drop') return;
    if (inbound?.does === 'cut' || inbound?.does === 'cutHalfway') return cutLine();
    if (inbound?.does === 'powerOff') return restart();
    if (inbound?.does === 'garbage') return peer.garble();
    if (inbound?.does === 'delay') {
      await pause(inbound.delayMs ?? 0);
      // What a line brought that is down by now is not acted on.
      if (!peers.has(peer)) return;
    }
    const mine = life;
    const answers = await Promise.all(
      Array.from({ length: inbound?.does === 'duplicate' ? 2 : 1 }, () => mine.handle(asked)),
    );
    for (const parts of answers) {
      if (parts === null || life !== mine) continue;
      await answer(peer, category, answerText(asked, parts), mine);
    }
  }

  async function answer(peer: Peer, category: string, text: string, mine: Terminal): Promise<void> {
    const fault = faults.take('response', category);
    say(`→ ${category}${fault === undefined ? '' : ` (${fault.does})`}`);
    switch (fault?.does) {
      case 'drop':
        return;
      case 'cut':
        return cutLine();
      case 'cutHalfway':
        peer.sendHalf(text);
        // What was sent must be on its way before the line breaks.
        await pause(5);
        return peer.cut();
      case 'powerOff':
        return restart();
      case 'garbage':
        return peer.garble();
      case 'duplicate':
        peer.send(text);
        return peer.send(text);
      case 'delay':
        await pause(fault.delayMs ?? 0);
        if (life === mine && peers.has(peer)) peer.send(text);
        return;
      case undefined:
        if (peers.has(peer)) peer.send(text);
    }
  }

  function tcpPeer(socket: Socket): void {
    if (!on) return void socket.destroy();
    const frames = frameReader();
    const peer: Peer = {
      send: (text) => void socket.write(encodeFrame(text)),
      sendHalf: (text) => void socket.write(encodeFrame(text).subarray(0, Math.floor(text.length / 2))),
      garble: () => void socket.write(encodeFrame('{"SaleToPOIResp\u0000nse": 4169730000001236')),
      cut: () => socket.destroy(),
    };
    peers.add(peer);
    socket.on('data', (chunk) => {
      const messages = frames.push(chunk);
      if (messages === null) return void socket.destroy();
      for (const message of messages) void hear(peer, message);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => peers.delete(peer));
  }

  function webSocketPeer(socket: WebSocket): void {
    if (!on) return socket.terminate();
    const peer: Peer = {
      send: (text) => socket.send(text),
      // A message is whole or is not there: half of it is a line that breaks.
      sendHalf: () => socket.terminate(),
      garble: () => socket.send('{"SaleToPOIResp\u0000nse": 4169730000001236'),
      cut: () => socket.terminate(),
    };
    peers.add(peer);
    socket.on('message', (data) => void hear(peer, (data as Buffer).toString()));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => peers.delete(peer));
  }

  const server = options.over === 'tcp' ? createServer(tcpPeer) : createHttpServer();
  const webSockets =
    options.over === 'ws'
      ? new WebSocketServer({ server: server as ReturnType<typeof createHttpServer> })
      : null;
  webSockets?.on('connection', webSocketPeer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    poiId,
    charges: () => structuredClone(book.charges),
    customer: (does) => {
      customer = does;
    },
    decide: (does) => life.decide(does),
    fault: faults.add,
    clearFaults: faults.clear,
    tellSlowly: (times) => {
      slowTellings = times;
    },
    cutLine,
    restart,
    power: (next) => {
      on = next;
      if (!on) {
        life.die();
        cutLine();
      } else life = switchOn();
    },
    lines: () => peers.size,
    received: () => received,
    async stop() {
      life.die();
      cutLine();
      webSockets?.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
