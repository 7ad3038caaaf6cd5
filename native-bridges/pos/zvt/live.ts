import type { LiveCode } from '../../../contracts/pos.ts';

/** Intermediate statuses of PA00P015 (04 FF) in words that the screens have. */
const BY_STATUS: Readonly<Record<number, LiveCode>> = {
  0x00: 'confirmAmount',
  0x01: 'seePinPad',
  0x02: 'seePinPad',
  0x03: 'declined',
  0x04: 'waitingForHost',
  0x05: 'autoReversal',
  0x06: 'pleaseWait',
  0x07: 'declined',
  0x08: 'declined',
  0x09: 'declined',
  0x0a: 'insertCard',
  0x0b: 'removeCard',
  0x0e: 'pleaseWait',
  0x0f: 'endOfDay',
  0x14: 'declined',
  0x15: 'wrongPin',
  0x17: 'pleaseWait',
  0x18: 'declined',
  0x1c: 'approved',
  0x1d: 'declined',
  0x45: 'autoReversal',
  0x4e: 'removeCard',
  0x55: 'wrongPin',
  0xc7: 'pleaseWait',
  0xc8: 'waitingForCashier',
  0xd2: 'dialling',
  0xd3: 'waitingForHost',
};

/** 41..5D say what 01..1D say, and that the card must be taken out. */
const isWithRemoveCard = (status: number): boolean => status >= 0x41 && status <= 0x5d;

export const liveCodeOf = (status: number): LiveCode =>
  BY_STATUS[status] ?? (isWithRemoveCard(status) ? 'removeCard' : 'text');

/** The terminal takes a charge back by itself. */
export const isAutoReversal = (status: number): boolean => status === 0x05 || status === 0x45;
