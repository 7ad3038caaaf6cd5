import type {
  LiveCode,
  PosCapabilities,
  PosCheck,
  PosFinding,
  PosKind,
  PosReason,
  PosResult,
  PosSettings,
  PosSnapshot,
  PosTotals,
  TerminalReceipts,
} from '../../contracts/pos.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Qepik } from '../../contracts/money.ts';

/**
 * The POS terminal. A financial command is sent once and never again: when its answer is lost the outcome is `unknown`,
 * and `resolve` asks the terminal what it holds. One operation at a time; the next waits in line.
 */

/** What is asked of the terminal, as the journal has it before a byte leaves. */
export type PosAttempt = {
  readonly attemptId: Id;
  readonly kind: PosKind;
  readonly amount: Qepik;
  /** The terminal's last transaction before this one; compared with what it holds afterwards. */
  readonly snapshot: PosSnapshot;
  /** The transaction that is taken back; null for a sale. */
  readonly original: Pick<PosResult, 'receiptNo' | 'trace' | 'reference' | 'terminalId'> | null;
};

/**
 * Called with the terminal's approval before it is told that all is well. Answers whether the approval is durable. The
 * driver tells the terminal yes only after `true`; on `false` or a fault it refuses, and the terminal takes the charge
 * back. May be called again when the terminal states more: the last result counts.
 */
export type HoldApproval = (result: PosResult, receipts: TerminalReceipts) => Promise<boolean>;

/** How an operation ended. Once a byte has left, `notSent` is no answer any more. */
export type PosAnswer =
  | { readonly kind: 'confirmed'; readonly result: PosResult; readonly receipts: TerminalReceipts }
  | { readonly kind: 'declined'; readonly reason: PosReason; readonly receipts: TerminalReceipts }
  /** Nothing reached the terminal: not connected, not registered, busy with somebody else's operation. */
  | { readonly kind: 'notSent'; readonly reason: PosReason }
  | { readonly kind: 'unknown'; readonly reason: PosReason };

/** What the terminal says of an attempt afterwards. For a reversal or refund `charged` reads: it was made. */
export type Resolution =
  | { readonly kind: 'charged'; readonly result: PosResult; readonly receipts: TerminalReceipts }
  | { readonly kind: 'notCharged'; readonly reason: PosReason }
  | { readonly kind: 'stillUnknown'; readonly reason: PosReason };

export type PosTotalsAnswer =
  | {
      readonly kind: 'totals';
      readonly totals: PosTotals;
      readonly receipts: TerminalReceipts;
      /** Where it counts nothing: the day it closed last, if it can say so and nothing has come after. */
      readonly closedBefore?: PosTotals;
    }
  | { readonly kind: 'failed' | 'unknown'; readonly reason: PosReason };

/** Whether the terminal can be worked with now. */
export type PosHealth = {
  readonly state: 'notSet' | 'connecting' | 'away' | 'refused' | 'ready' | 'busy';
  readonly reason: PosReason | null;
  readonly terminalId: string | null;
  readonly simulator: boolean;
};

/** One stream of everything a terminal says. Frames are hex with card numbers masked; they are for support, not for sense. */
export type PosEvent =
  | { readonly kind: 'health'; readonly health: PosHealth }
  | {
      readonly kind: 'live';
      readonly attemptId: Id | null;
      readonly code: LiveCode;
      readonly text: string | null;
    }
  | { readonly kind: 'receipt'; readonly attemptId: Id | null; readonly receipts: TerminalReceipts }
  | {
      readonly kind: 'frame';
      readonly direction: 'toTerminal' | 'fromTerminal';
      readonly atMs: number;
      readonly hex: string;
    };

export type PosPort = {
  settings(): PosSettings;
  /** Closes what is open and takes the new settings; durable. */
  set(settings: PosSettings): Promise<void>;
  /** What the driver of the present settings can do; null when none is set. */
  capabilities(): PosCapabilities | null;
  health(): PosHealth;
  /** Connects and registers; reconnects by itself afterwards, with growing pauses, until `close`. */
  open(): void;
  close(): Promise<void>;
  watch(heard: (event: PosEvent) => void): () => void;

  /** The last transaction the terminal holds, for the snapshot before an attempt. Asks the terminal unless it is sure. */
  snapshot(): Promise<
    | { readonly kind: 'snapshot'; readonly snapshot: PosSnapshot }
    | { readonly kind: 'failed'; readonly reason: PosReason }
  >;
  pay(attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer>;
  reverse(attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer>;
  refund(attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer>;
  /**
   * Asks the terminal to stop what it does. Only a wish: the operation's own answer says what became of it. `tooLate`: the
   * terminal is past stopping; `idle`: nothing is under way.
   */
  abort(): Promise<'asked' | 'tooLate' | 'idle'>;
  /**
   * What became of an attempt whose answer was lost. Never repeats it. Evidence only: what cannot be told from what the
   * terminal holds is `stillUnknown`. Bounded in time; reconnects first where need be.
   */
  resolve(attempt: PosAttempt): Promise<Resolution>;
  /** Count and sum since the last end of day, without closing it. */
  totals(): Promise<PosTotalsAnswer>;
  /** Closes the terminal's day. Sent once; `unknown` is asked after by `totals`: a closed day counts nothing. */
  endOfDay(): Promise<PosTotalsAnswer>;
  /** The papers of the last transaction again, in the terminal's words. */
  reprint(): Promise<
    | { readonly kind: 'receipts'; readonly receipts: TerminalReceipts }
    | { readonly kind: 'failed'; readonly reason: PosReason }
  >;

  /**
   * Connects and registers with settings that are not saved, and leaves again; `ready` or why not. The terminal in use is
   * let go for as long as it takes, and what is asked of it waits. Bounded in time.
   */
  tryOut(settings: Exclude<PosSettings, { kind: 'none' }>): Promise<PosHealth>;
  /** Guided set-up: looks at every serial port and at the usual addresses, one finding after the other. */
  search(found: (finding: PosFinding) => void, cancelled: () => boolean): Promise<void>;
  /** Checks password, currency, clock, an open end of day, and whether the last transaction can be asked for. */
  check(done: (check: PosCheck) => void): Promise<void>;
  /** The last masked frames, oldest first, for a support bundle. */
  recording(): readonly Extract<PosEvent, { kind: 'frame' }>[];
};
