import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { ABIS, abiHere } from './abi.ts';

const pointer = koffi.sizeof('void *');

/** Sizes and places as winscard.h of each system has them, for pointers as wide as ours. */
describe('the declarations', () => {
  test('of pcsc-lite on Linux: DWORD is `long`, as wide as a pointer', () => {
    const { dword, long, context, handle, readerState, ioRequest } = ABIS.linux;
    for (const type of [dword, long, context, handle]) expect(koffi.sizeof(type)).toBe(pointer);
    expect(koffi.sizeof(ioRequest)).toBe(2 * pointer);
    expect(koffi.offsetof(readerState, 'dwCurrentState')).toBe(2 * pointer);
    expect(koffi.offsetof(readerState, 'dwEventState')).toBe(3 * pointer);
    expect(koffi.offsetof(readerState, 'cbAtr')).toBe(4 * pointer);
    expect(koffi.offsetof(readerState, 'rgbAtr')).toBe(5 * pointer);
    // 33 bytes of answer to reset, and padding to a whole pointer: 80 on 64 bits, 56 on 32.
    expect(koffi.sizeof(readerState)).toBe(pointer === 8 ? 80 : 56);
  });

  test('of Windows: DWORD is 32 bits, handles are as wide as a pointer, 36 bytes of answer to reset', () => {
    const { dword, long, context, handle, readerState, ioRequest } = ABIS.win32;
    for (const type of [dword, long]) expect(koffi.sizeof(type)).toBe(4);
    for (const type of [context, handle]) expect(koffi.sizeof(type)).toBe(pointer);
    expect(koffi.sizeof(ioRequest)).toBe(8);
    expect(koffi.offsetof(readerState, 'dwCurrentState')).toBe(2 * pointer);
    expect(koffi.offsetof(readerState, 'rgbAtr')).toBe(2 * pointer + 12);
    expect(koffi.sizeof(readerState)).toBe(2 * pointer + 12 + 36);
  });

  test('of macOS: everything is 32 bits and packed', () => {
    const { dword, long, context, handle, readerState, ioRequest } = ABIS.darwin;
    for (const type of [dword, long, context, handle]) expect(koffi.sizeof(type)).toBe(4);
    expect(koffi.sizeof(ioRequest)).toBe(8);
    expect(koffi.offsetof(readerState, 'rgbAtr')).toBe(2 * pointer + 12);
    // No padding: 61 on 64 bits.
    expect(koffi.sizeof(readerState)).toBe(2 * pointer + 12 + 33);
  });

  test('know that Windows numbers a driver’s functions in another way', () => {
    expect(ABIS.win32.controlCode(3500)).toBe(0x0031_36b0);
    expect(ABIS.linux.controlCode(1)).toBe(0x4200_0001);
    expect(ABIS.darwin.controlCode(3400)).toBe(0x4200_0d48);
  });

  test('name the function for wide letters where there are two', () => {
    expect(ABIS.win32).toMatchObject({ textSuffix: 'W', encoding: 'utf16le', charSize: 2 });
    for (const system of [ABIS.linux, ABIS.darwin]) {
      expect(system).toMatchObject({ textSuffix: '', encoding: 'utf8', charSize: 1 });
    }
  });

  test('are chosen by the system, and there are none for one without PC/SC', () => {
    expect(abiHere('win32')).toBe(ABIS.win32);
    expect(abiHere('darwin')).toBe(ABIS.darwin);
    expect(abiHere('linux')).toBe(ABIS.linux);
    expect(abiHere('sunos')).toBeUndefined();
  });
});
