import koffi, { type LibraryHandle, type TypeObject } from 'koffi';
import type { Abi } from './abi.ts';
import { PCSC, type PcscCall } from './codes.ts';

/** A context or a card, as the library names it. */
export type Handle = number | bigint;

/** What a call answered; `code` is 0 for success. */
export type Answered<T> =
  { readonly code: 0; readonly value: T } | { readonly code: number; readonly value: null };

export type WatchedReader = { readonly name: string; readonly current: number };
export type WatchedState = { readonly event: number; readonly atr: Uint8Array };
export type OpenCard = { readonly handle: Handle; readonly protocol: number };
export type CardStatus = { readonly protocol: number; readonly atr: Uint8Array };

export const SHARE = { exclusive: 1, shared: 2 } as const;
export const DISPOSITION = { leave: 0, reset: 1, unpower: 2 } as const;
export const PROTOCOL = { t0: 1, t1: 2 } as const;

/**
 * The calls of PC/SC. None runs on the event loop: each may block for as long as a card is silent. A context may be used by
 * one call at a time, so whoever waits needs one of its own.
 */
export type WinScard = {
  establish(): Promise<Answered<Handle>>;
  release(context: Handle): Promise<number>;
  listReaders(context: Handle): Promise<Answered<readonly string[]>>;
  /** Waits until a reader is no more as `current` says; the name `\\?PnP?\Notification` stands for their number. */
  statusChange(
    context: Handle,
    timeoutMs: number,
    readers: readonly WatchedReader[],
  ): Promise<Answered<readonly WatchedState[]>>;
  connect(context: Handle, reader: string, share: number, protocols: number): Promise<Answered<OpenCard>>;
  /** Answers the protocol now in force. */
  reconnect(card: Handle, share: number, protocols: number, disposition: number): Promise<Answered<number>>;
  status(card: Handle): Promise<Answered<CardStatus>>;
  disconnect(card: Handle, disposition: number): Promise<number>;
  begin(card: Handle): Promise<number>;
  end(card: Handle, disposition: number): Promise<number>;
  transmit(card: Handle, protocol: number, bytes: Uint8Array): Promise<Answered<Uint8Array>>;
  control(card: Handle, functionNumber: number, bytes: Uint8Array): Promise<Answered<Uint8Array>>;
};

type TypeSpec = Parameters<typeof koffi.sizeof>[0];
type NativeFunction = ReturnType<LibraryHandle['func']>;

const SCOPE_SYSTEM = 2;
const NAMES_ROOM = 32_768;
/** An extended answer: 64 KiB and a status word. */
const ANSWER_ROOM = 65_538;

/** Loads the system's library. Throws when it is not there. */
export function loadWinScard(abi: Abi): WinScard {
  const library = koffi.load(abi.library);
  const { dword, long, context, handle, text, readerState, ioRequest } = abi;
  const bytes = koffi.pointer(koffi.types.uint8);
  const nothing = koffi.pointer(koffi.types.void);
  const out = (type: TypeObject) => koffi.out(koffi.pointer(type));
  const inout = (type: TypeObject) => koffi.inout(koffi.pointer(type));

  const declare = (call: PcscCall, types: readonly TypeSpec[], hasText = false) => {
    const name = `SCard${call}${hasText ? abi.textSuffix : ''}`;
    return asynchronous(
      abi.convention === ''
        ? library.func(name, long, [...types])
        : library.func(abi.convention, name, long, [...types]),
    );
  };

  const establishContext = declare('EstablishContext', [dword, nothing, nothing, out(context)]);
  const releaseContext = declare('ReleaseContext', [context]);
  const listReaders = declare('ListReaders', [context, nothing, bytes, inout(dword)], true);
  const getStatusChange = declare('GetStatusChange', [context, dword, inout(readerState), dword], true);
  const connect = declare('Connect', [context, text, dword, dword, out(handle), out(dword)], true);
  const reconnect = declare('Reconnect', [handle, dword, dword, dword, out(dword)]);
  const status = declare(
    'Status',
    [handle, bytes, inout(dword), out(dword), out(dword), bytes, inout(dword)],
    true,
  );
  const disconnect = declare('Disconnect', [handle, dword]);
  const beginTransaction = declare('BeginTransaction', [handle]);
  const endTransaction = declare('EndTransaction', [handle, dword]);
  const transmit = declare('Transmit', [
    handle,
    koffi.pointer(ioRequest),
    bytes,
    dword,
    nothing,
    bytes,
    inout(dword),
  ]);
  const control = declare('Control', [handle, dword, bytes, dword, bytes, dword, out(dword)]);

  return {
    async establish() {
      const made: [Handle] = [0];
      return answered(await establishContext(SCOPE_SYSTEM, null, null, made), () => made[0]);
    },
    release: releaseContext,
    async listReaders(of) {
      const room = Buffer.alloc(NAMES_ROOM * abi.charSize);
      const length: [number] = [NAMES_ROOM];
      const code = await listReaders(of, null, room, length);
      if (code === PCSC.noReadersAvailable) return { code: 0, value: [] };
      return answered(code, () => namesIn(room.toString(abi.encoding, 0, length[0] * abi.charSize)));
    },
    async statusChange(of, timeoutMs, readers) {
      const states = readers.map(({ name, current }) => ({
        szReader: name,
        pvUserData: null,
        dwCurrentState: current,
        dwEventState: 0,
        cbAtr: 0,
        rgbAtr: new Uint8Array(abi.atrRoom),
      }));
      return answered(await getStatusChange(of, timeoutMs, states, states.length), () =>
        states.map(({ dwEventState, cbAtr, rgbAtr }) => ({
          event: dwEventState,
          atr: rgbAtr.slice(0, Math.min(cbAtr, abi.atrRoom)),
        })),
      );
    },
    async connect(of, reader, share, protocols) {
      const made: [Handle] = [0];
      const protocol: [number] = [0];
      return answered(await connect(of, reader, share, protocols, made, protocol), () => ({
        handle: made[0],
        protocol: protocol[0],
      }));
    },
    async reconnect(card, share, protocols, disposition) {
      const protocol: [number] = [0];
      return answered(await reconnect(card, share, protocols, disposition, protocol), () => protocol[0]);
    },
    async status(card) {
      const name = Buffer.alloc(NAMES_ROOM * abi.charSize);
      const atr = Buffer.alloc(abi.atrRoom);
      const nameLength: [number] = [NAMES_ROOM];
      const atrLength: [number] = [abi.atrRoom];
      const protocol: [number] = [0];
      const code = await status(card, name, nameLength, [0], protocol, atr, atrLength);
      return answered(code, () => ({
        protocol: protocol[0],
        atr: Uint8Array.from(atr.subarray(0, atrLength[0])),
      }));
    },
    disconnect,
    begin: beginTransaction,
    end: endTransaction,
    async transmit(card, protocol, command) {
      const room = Buffer.alloc(ANSWER_ROOM);
      const length: [number] = [ANSWER_ROOM];
      const request = { dwProtocol: protocol, cbPciLength: ioRequest.size };
      const code = await transmit(card, request, command, command.length, null, room, length);
      return answered(code, () => Uint8Array.from(room.subarray(0, length[0])));
    },
    async control(card, functionNumber, command) {
      const room = Buffer.alloc(ANSWER_ROOM);
      const length: [number] = [0];
      const number = abi.controlCode(functionNumber);
      const code = await control(card, number, command, command.length, room, ANSWER_ROOM, length);
      return answered(code, () => Uint8Array.from(room.subarray(0, length[0])));
    },
  };
}

const answered = <T>(code: number, value: () => T): Answered<T> =>
  code === 0 ? { code: 0, value: value() } : { code, value: null };

/** The call on a thread of its own. Its answer is signed and 32 or 64 bits wide: the low 32 are what it means. */
function asynchronous(call: NativeFunction): (...args: readonly unknown[]) => Promise<number> {
  return (...args) =>
    new Promise((done, failed) => {
      call.async(...args, (error: Error | null, code: number) => (error ? failed(error) : done(code >>> 0)));
    });
}

/** Names that end with a zero each, and one more at the end of all. */
const namesIn = (list: string): readonly string[] => list.split('\0').filter((name) => name !== '');
