import koffi from 'koffi';

/**
 * The few calls of PKCS #11 2.40 ("Cryptoki") that the key store needs, of whatever library a maker ships. CK_ULONG is C's
 * `unsigned long`: 8 bytes on Linux and macOS, 4 on Windows, where structures are packed too (PKCS #11 base, 2.1).
 */

/** A call answered something else than CKR_OK. */
export class CryptokiError extends Error {
  override readonly name = 'CryptokiError';
  readonly code: number;
  constructor(call: string, code: number) {
    super(`${call} answered ${CKR_NAMES[code] ?? `0x${code.toString(16)}`}`);
    this.code = code;
  }
}

const CKR_NAMES: Readonly<Record<number, string>> = {
  0x05: 'CKR_GENERAL_ERROR',
  0x30: 'CKR_DEVICE_ERROR',
  0x32: 'CKR_DEVICE_REMOVED',
  0x60: 'CKR_KEY_HANDLE_INVALID',
  0x82: 'CKR_OBJECT_HANDLE_INVALID',
  0xa0: 'CKR_PIN_INCORRECT',
  0xa4: 'CKR_PIN_LOCKED',
  0xb0: 'CKR_SESSION_CLOSED',
  0xb3: 'CKR_SESSION_HANDLE_INVALID',
  0xe0: 'CKR_TOKEN_NOT_PRESENT',
  0x101: 'CKR_USER_NOT_LOGGED_IN',
};
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
/** Incorrect, invalid, of a wrong length, expired, locked. */
export const PIN_REFUSED: readonly number[] = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4];

export const CKA = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  keyType: 0x100,
  sensitive: 0x103,
  encrypt: 0x104,
  sign: 0x108,
  derive: 0x10c,
  valueLength: 0x161,
  extractable: 0x162,
} as const;
const CKO_SECRET_KEY = 4;
const CKK_AES = 0x1f;
const CKM = { aesKeyGen: 0x1080, aesCmac: 0x108a, aesEcbEncryptData: 0x1104 } as const;
const CKU_USER = 1;
const CKF_SERIAL_RW = 0x4 | 0x2;

/** An attribute: a flag, a number, a text or bytes. */
export type Attribute = readonly [type: number, value: boolean | number | string | Uint8Array];
export type Handle = bigint;

export type Cryptoki = {
  /** Slots with a token in them. */
  slots(): Handle[];
  /** A token's label, without the padding. */
  tokenLabel(slot: Handle): string;
  openSession(slot: Handle): Handle;
  login(session: Handle, pin: string): void;
  find(session: Handle, template: readonly Attribute[]): Handle[];
  textOf(session: Handle, object: Handle, attribute: number): string;
  bytesOf(session: Handle, object: Handle, attribute: number, length: number): Uint8Array;
  create(session: Handle, template: readonly Attribute[]): Handle;
  generateAes(session: Handle, template: readonly Attribute[]): Handle;
  /** A session key: the encryption of 16 bytes under `base` (CKM_AES_ECB_ENCRYPT_DATA). */
  deriveAes(session: Handle, base: Handle, block: Uint8Array, template: readonly Attribute[]): Handle;
  /** All 16 bytes of CKM_AES_CMAC. */
  cmac(session: Handle, key: Handle, input: Uint8Array): Uint8Array;
  destroy(session: Handle, object: Handle): void;
  finalise(): void;
};

export const secretAes: readonly Attribute[] = [
  [CKA.class, CKO_SECRET_KEY],
  [CKA.keyType, CKK_AES],
];

const ULONG_BYTES = koffi.sizeof('unsigned long');
const onWindows = process.platform === 'win32';
const struct = (members: Record<string, string>) => (onWindows ? koffi.pack(members) : koffi.struct(members));

const ATTRIBUTE = struct({ type: 'unsigned long', pValue: 'void *', ulValueLen: 'unsigned long' });
const MECHANISM = struct({
  mechanism: 'unsigned long',
  pParameter: 'void *',
  ulParameterLen: 'unsigned long',
});
const STRING_DATA = struct({ pData: 'void *', ulLen: 'unsigned long' });

/** The places of the calls in CK_FUNCTION_LIST, and what they take. */
const CALLS = {
  C_Initialize: [0, 'void *arguments'],
  C_Finalize: [1, 'void *reserved'],
  C_GetSlotList: [4, 'uint8_t present, void *slots, _Inout_ unsigned long *count'],
  C_GetTokenInfo: [6, 'unsigned long slot, void *info'],
  C_OpenSession: [
    12,
    'unsigned long slot, unsigned long flags, void *application, void *notify, _Out_ unsigned long *session',
  ],
  C_Login: [18, 'unsigned long session, unsigned long user, void *pin, unsigned long length'],
  C_CreateObject: [
    20,
    'unsigned long session, void *template, unsigned long count, _Out_ unsigned long *object',
  ],
  C_DestroyObject: [22, 'unsigned long session, unsigned long object'],
  C_GetAttributeValue: [
    24,
    'unsigned long session, unsigned long object, void *template, unsigned long count',
  ],
  C_FindObjectsInit: [26, 'unsigned long session, void *template, unsigned long count'],
  C_FindObjects: [27, 'unsigned long session, void *objects, unsigned long max, _Out_ unsigned long *count'],
  C_FindObjectsFinal: [28, 'unsigned long session'],
  C_SignInit: [42, 'unsigned long session, void *mechanism, unsigned long key'],
  C_Sign: [
    43,
    'unsigned long session, void *data, unsigned long length, void *signature, _Inout_ unsigned long *signatureLength',
  ],
  C_GenerateKey: [
    58,
    'unsigned long session, void *mechanism, void *template, unsigned long count, _Out_ unsigned long *key',
  ],
  C_DeriveKey: [
    62,
    'unsigned long session, void *mechanism, unsigned long base, void *template, unsigned long count, _Out_ unsigned long *key',
  ],
} as const satisfies Record<string, readonly [number, string]>;
type CallName = keyof typeof CALLS;
/** Types are registered once a process, however often a library is loaded. */
const PROTOTYPES = (Object.keys(CALLS) as CallName[]).map((name) => {
  const [index, parameters] = CALLS[name];
  return [name, index, koffi.proto(`unsigned long ${name}_t(${parameters})`)] as const;
});
const FUNCTIONS = 68;
const FUNCTION_LIST = struct(
  Object.fromEntries([
    ['major', 'uint8_t'],
    ['minor', 'uint8_t'],
    ...Array.from({ length: FUNCTIONS }, (_, i) => [`f${i}`, 'void *']),
  ]) as Record<string, string>,
);
const FIND_MAX = 1000;

/** Loads a library and initialises it. Throws when it is not there or does not start. */
export function loadCryptoki(path: string): Cryptoki {
  const library = koffi.load(path);
  const place: [unknown] = [null];
  check('C_GetFunctionList', library.func('unsigned long C_GetFunctionList(_Out_ void **list)')(place));
  const list = koffi.decode(place[0], FUNCTION_LIST) as Record<string, unknown>; // as declared above
  const functions = new Map(
    PROTOTYPES.map(([name, index, prototype]) => [name, koffi.decode(list[`f${index}`], prototype)]),
  );
  const call = (name: CallName, ...parameters: unknown[]): void => {
    try {
      check(name, (functions.get(name) as (...given: unknown[]) => number | bigint)(...parameters));
    } finally {
      alive.length = 0;
    }
  };

  call('C_Initialize', null);
  const one = (name: CallName, ...before: unknown[]): Handle => {
    const out: [number | bigint] = [0];
    call(name, ...before, out);
    return BigInt(out[0]);
  };
  return {
    slots() {
      const count: [number | bigint] = [0];
      call('C_GetSlotList', 1, null, count);
      const buffer = Buffer.alloc(Number(count[0]) * ULONG_BYTES);
      if (buffer.length > 0) call('C_GetSlotList', 1, buffer, count);
      return handlesIn(buffer, Number(count[0]));
    },
    tokenLabel(slot) {
      const info = Buffer.alloc(512); // CK_TOKEN_INFO; the label is its first 32 bytes
      call('C_GetTokenInfo', slot, info);
      return info.toString('utf8', 0, 32).trimEnd();
    },
    openSession: (slot) => one('C_OpenSession', slot, CKF_SERIAL_RW, null, null),
    login(session, pin) {
      const bytes = Buffer.from(pin, 'utf8');
      try {
        call('C_Login', session, CKU_USER, bytes, bytes.length);
      } catch (error) {
        if (!(error instanceof CryptokiError) || error.code !== CKR_USER_ALREADY_LOGGED_IN) throw error;
      } finally {
        bytes.fill(0);
      }
    },
    find(session, template) {
      call('C_FindObjectsInit', session, attributes(template), template.length);
      try {
        const found = Buffer.alloc(FIND_MAX * ULONG_BYTES);
        return handlesIn(found, Number(one('C_FindObjects', session, found, FIND_MAX)));
      } finally {
        call('C_FindObjectsFinal', session);
      }
    },
    textOf(session, object, attribute) {
      const value = Buffer.alloc(256);
      const template = attributes([[attribute, value]]);
      call('C_GetAttributeValue', session, object, template, 1);
      return value.toString('utf8', 0, lengthIn(template));
    },
    bytesOf(session, object, attribute, length) {
      const value = Buffer.alloc(length);
      call('C_GetAttributeValue', session, object, attributes([[attribute, value]]), 1);
      return new Uint8Array(value);
    },
    create: (session, template) => one('C_CreateObject', session, attributes(template), template.length),
    generateAes: (session, template) =>
      one('C_GenerateKey', session, mechanismOf(CKM.aesKeyGen, null), attributes(template), template.length),
    deriveAes(session, base, block, template) {
      const data = held(Buffer.from(block));
      const mechanism = mechanismOf(
        CKM.aesEcbEncryptData,
        encoded(STRING_DATA, { pData: data, ulLen: data.length }),
      );
      return one('C_DeriveKey', session, mechanism, base, attributes(template), template.length);
    },
    cmac(session, key, input) {
      call('C_SignInit', session, mechanismOf(CKM.aesCmac, null), key);
      const mac = Buffer.alloc(16);
      const length: [number | bigint] = [mac.length];
      // One byte more than is signed: no bytes at all would be a null pointer.
      call('C_Sign', session, Buffer.concat([input, Buffer.alloc(1)]), input.length, mac, length);
      if (Number(length[0]) !== mac.length) throw new Error(`a CMAC of ${Number(length[0])} bytes`);
      return new Uint8Array(mac);
    },
    destroy: (session, object) => call('C_DestroyObject', session, object),
    finalise: () => call('C_Finalize', null),
  };
}

function check(name: string, code: number | bigint): void {
  if (Number(code) !== 0) throw new CryptokiError(name, Number(code));
}

const ulong = (value: number): Buffer => {
  const buffer = Buffer.alloc(ULONG_BYTES);
  buffer.writeUInt32LE(value);
  return buffer;
};
const readUlong = (buffer: Buffer, at: number): bigint =>
  ULONG_BYTES === 8 ? buffer.readBigUInt64LE(at) : BigInt(buffer.readUInt32LE(at));
const handlesIn = (buffer: Buffer, count: number): Handle[] =>
  Array.from({ length: count }, (_, i) => readUlong(buffer, i * ULONG_BYTES));

/** What structures made for the next call point to: a collected buffer would be somebody else's memory by then. */
const alive: Uint8Array[] = [];
const held = (bytes: Uint8Array): Uint8Array => {
  alive.push(bytes);
  return bytes;
};

function encoded(type: ReturnType<typeof koffi.struct>, value: Record<string, unknown>): Buffer {
  const buffer = Buffer.alloc(koffi.sizeof(type));
  koffi.encode(buffer, type, value);
  return buffer;
}

const mechanismOf = (mechanism: number, parameter: Uint8Array | null): Buffer =>
  encoded(MECHANISM, {
    mechanism,
    pParameter: parameter && held(parameter),
    ulParameterLen: parameter?.length ?? 0,
  });

const attributes = (template: readonly Attribute[]): Buffer =>
  Buffer.concat(
    template.map(([type, value]) => {
      const bytes = held(bytesOfValue(value));
      return encoded(ATTRIBUTE, { type, pValue: bytes, ulValueLen: bytes.length });
    }),
  );

function bytesOfValue(value: Attribute[1]): Uint8Array {
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  if (typeof value === 'number') return ulong(value);
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
}

/** How long the value of the only attribute is, as the token said. */
const lengthIn = (template: Buffer): number => Number(readUlong(template, template.length - ULONG_BYTES));
