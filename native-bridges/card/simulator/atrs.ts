import { bytesOf } from '../bytes.ts';
import { MEMORY_ATR } from '../drivers/memory/memory.ts';
import { PURSE_ATR } from '../drivers/purse/purse.ts';
import type { CardState } from './card-state.ts';

/** What a virtual card answers to a reset. */
export function atrOf(card: CardState): Uint8Array {
  switch (card.kind) {
    case 'purse':
      return card.protocol === 't0'
        ? bytesOf(PURSE_ATR.t0)
        : checked(bytesOf(PURSE_ATR.t1.replace('..', '')));
    case 'memory':
      return bytesOf(MEMORY_ATR);
    case 'foreign':
      return bytesOf(card.atr);
  }
}

/** With its check byte: all behind TS come to zero. */
const checked = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes, bytes.subarray(1).reduce((sum, byte) => sum ^ byte, 0)]);
