import { posReason } from '../../contracts/pos-reasons.ts';
import type { PosPort } from '../../core/ports/pos.ts';

const notSet = posReason('notSet');
const failed = { kind: 'failed', reason: notSet } as const;
const notSent = { kind: 'notSent', reason: notSet } as const;

/** A counter without a terminal: everything is answered, and nothing is sent. */
export const noTerminal = (): Omit<PosPort, 'settings' | 'set' | 'tryOut' | 'search' | 'recording'> => ({
  capabilities: () => null,
  health: () => ({ state: 'notSet', reason: null, terminalId: null, simulator: false }),
  open: () => undefined,
  close: async () => undefined,
  watch: () => () => undefined,
  snapshot: async () => failed,
  pay: async () => notSent,
  reverse: async () => notSent,
  refund: async () => notSent,
  abort: async () => 'idle',
  // An attempt that some terminal once had: only that terminal can tell.
  resolve: async () => ({ kind: 'stillUnknown', reason: notSet }),
  totals: async () => failed,
  endOfDay: async () => failed,
  reprint: async () => failed,
  check: async () => undefined,
});
