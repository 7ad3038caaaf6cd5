/** The answer to reset (ISO/IEC 7816-3 §8.2). Pure. */

export type InterfaceBytes = {
  readonly ta?: number;
  readonly tb?: number;
  readonly tc?: number;
  readonly td?: number;
};

export type Atr = {
  readonly convention: 'direct' | 'inverse';
  /** TA1…TD1, TA2…TD2 and so on. */
  readonly interfaceBytes: readonly InterfaceBytes[];
  readonly historical: Uint8Array;
  /** The protocols offered, the first one first; T=15 is none. */
  readonly protocols: readonly number[];
};

/** TS and at most 32 characters after it. */
const MOST_BYTES = 33;
const CONVENTION = { 0x3b: 'direct', 0x3f: 'inverse' } as const;
const GLOBAL_ONLY = 15;

/**
 * Reads an ATR. Null: malformed, that is another TS, cut short, longer than it says, too long, or a check byte that is wrong
 * or missing where it must be.
 */
export function parseAtr(bytes: Uint8Array): Atr | null {
  const convention = bytes[0] === 0x3b || bytes[0] === 0x3f ? CONVENTION[bytes[0]] : undefined;
  const t0 = bytes[1];
  if (convention === undefined || t0 === undefined || bytes.length > MOST_BYTES) return null;
  const groups: InterfaceBytes[] = [];
  const offered: number[] = [];
  let at = 2;
  let present = t0 >> 4;
  while (present !== 0) {
    const group: { -readonly [K in keyof InterfaceBytes]: InterfaceBytes[K] } = {};
    for (const [bit, name] of BYTES) {
      if ((present & bit) === 0) continue;
      const byte = bytes[at];
      if (byte === undefined) return null;
      group[name] = byte;
      at += 1;
    }
    groups.push(group);
    if (group.td !== undefined) offered.push(group.td & 0x0f);
    present = (group.td ?? 0) >> 4;
  }
  const historical = bytes.slice(at, at + (t0 & 0x0f));
  if (historical.length !== (t0 & 0x0f)) return null;
  at += historical.length;
  // TCK is there unless T=0 is all that is offered (§8.2.5); no TD1 at all means T=0.
  const needsCheck = offered.some((protocol) => protocol !== 0);
  if (bytes.length !== at + (needsCheck ? 1 : 0)) return null;
  if (needsCheck && bytes.subarray(1).reduce((sum, byte) => sum ^ byte, 0) !== 0) return null;
  const protocols = [...new Set(offered.filter((protocol) => protocol !== GLOBAL_ONLY))];
  return {
    convention,
    interfaceBytes: groups,
    historical,
    protocols: protocols.length === 0 ? [0] : protocols,
  };
}

const BYTES = [
  [1, 'ta'],
  [2, 'tb'],
  [4, 'tc'],
  [8, 'td'],
] as const;
