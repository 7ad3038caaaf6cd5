import koffi, { type TypeObject } from 'koffi';

/**
 * What PC/SC looks like on each system. The functions are the same, the widths are not: pcsc-lite on Linux says DWORD for
 * the compiler's `long`, Windows and macOS for 32 bits; Windows' contexts and handles are as wide as a pointer; macOS
 * packs its structures; Windows' answers to reset have room for 36 bytes, the others' for 33.
 */

export type CardSystem = 'linux' | 'win32' | 'darwin';

/** Types of one system. The two structures are those of winscard.h. */
export type Abi = {
  readonly system: CardSystem;
  readonly library: string;
  /** Windows functions that take text exist twice; the wide ones take any reader's name. */
  readonly textSuffix: '' | 'W';
  readonly convention: '__stdcall' | '';
  readonly dword: TypeObject;
  readonly long: TypeObject;
  readonly context: TypeObject;
  readonly handle: TypeObject;
  readonly text: TypeObject;
  readonly readerState: TypeObject;
  readonly ioRequest: TypeObject;
  /** Bytes of a character in a list of reader names, and how to read it. */
  readonly charSize: 1 | 2;
  readonly encoding: 'utf8' | 'utf16le';
  /** Room for an answer to reset in a reader's state. */
  readonly atrRoom: 33 | 36;
  /** The bit of the raw protocol. */
  readonly rawProtocol: number;
  /** Whether a change in the number of readers can be waited for. */
  readonly plugAndPlay: boolean;
  /** The number that the driver's function has (SCARD_CTL_CODE). */
  controlCode(functionNumber: number): number;
};

const WINDOWS_CONTROL_BASE = 0x0031_0000;
const OTHERS_CONTROL_BASE = 0x4200_0000;

const { types } = koffi;

export const ABIS: Readonly<Record<CardSystem, Abi>> = {
  linux: {
    system: 'linux',
    library: 'libpcsclite.so.1',
    textSuffix: '',
    convention: '',
    // `long` on Linux is as wide as a pointer; the type `long` would be the width of the system that we are on.
    dword: types.uintptr,
    long: types.intptr,
    context: types.intptr,
    handle: types.intptr,
    text: types.str,
    readerState: koffi.struct(stateMembers(types.str, types.uintptr, 33)),
    ioRequest: koffi.struct(requestMembers(types.uintptr)),
    charSize: 1,
    encoding: 'utf8',
    atrRoom: 33,
    rawProtocol: 4,
    plugAndPlay: true,
    controlCode: (functionNumber) => OTHERS_CONTROL_BASE + functionNumber,
  },
  win32: {
    system: 'win32',
    library: 'winscard.dll',
    textSuffix: 'W',
    convention: '__stdcall',
    dword: types.uint32,
    long: types.int32,
    context: types.uintptr,
    handle: types.uintptr,
    text: types.str16,
    readerState: koffi.struct(stateMembers(types.str16, types.uint32, 36)),
    ioRequest: koffi.struct(requestMembers(types.uint32)),
    charSize: 2,
    encoding: 'utf16le',
    atrRoom: 36,
    rawProtocol: 0x1_0000,
    plugAndPlay: true,
    // CTL_CODE: the function number stands above two bits of transfer method.
    controlCode: (functionNumber) => WINDOWS_CONTROL_BASE + functionNumber * 4,
  },
  darwin: {
    system: 'darwin',
    library: '/System/Library/Frameworks/PCSC.framework/PCSC',
    textSuffix: '',
    convention: '',
    dword: types.uint32,
    long: types.int32,
    context: types.int32,
    handle: types.int32,
    text: types.str,
    readerState: koffi.pack(stateMembers(types.str, types.uint32, 33)),
    ioRequest: koffi.pack(requestMembers(types.uint32)),
    charSize: 1,
    encoding: 'utf8',
    atrRoom: 33,
    rawProtocol: 4,
    plugAndPlay: false,
    controlCode: (functionNumber) => OTHERS_CONTROL_BASE + functionNumber,
  },
};

/** The system we run on; undefined where PC/SC is not to be had. */
export function abiHere(platform: string = process.platform): Abi | undefined {
  return platform === 'linux' || platform === 'win32' || platform === 'darwin' ? ABIS[platform] : undefined;
}

function stateMembers(text: TypeObject, dword: TypeObject, atrRoom: number): Record<string, TypeObject> {
  return {
    szReader: text,
    pvUserData: koffi.pointer(types.void),
    dwCurrentState: dword,
    dwEventState: dword,
    cbAtr: dword,
    rgbAtr: koffi.array('uint8', atrRoom, 'Typed'),
  };
}

function requestMembers(dword: TypeObject): Record<string, TypeObject> {
  return { dwProtocol: dword, cbPciLength: dword };
}
