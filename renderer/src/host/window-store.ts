import { create } from 'zustand';
import type { ShiftClosed } from '../../../contracts/journal.ts';
import type { Failure } from '../../../contracts/result.ts';
import type { ShownScreen } from '../keyboard/key-map.ts';

export type Tone = 'ok' | 'warning' | 'bad' | 'quiet';

/** One thing said to the person: a failure of the core host, or a sentence of the screen. */
export type Notice =
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'said'; readonly tone: Tone; readonly text: string; readonly next?: string };

export type PrintNote = {
  readonly paymentId: string;
  readonly printed: boolean;
  readonly reason: string | null;
};

/** Money cannot be taken twice or lost by anything here: which screen is shown, what was said last. */
type WindowState = {
  readonly screen: ShownScreen;
  readonly notice: Notice | null;
  /** The keys of what is on screen, in words; null: the usual ones. */
  readonly hint: string | null;
  /** What became of the paper of the payment just accepted. */
  readonly print: PrintNote | null;
  /** The enrolment begun here is under way: its screen stays until the debts are loaded. */
  readonly enrolling: boolean;
  /** The card attempt with an unknown outcome that is being looked at; null: none. */
  readonly attempt: string | null;
  /** The card operation opened in the archive, and the receipt it was opened from; null: the list. */
  readonly card: { readonly attemptId: string; readonly from: string | null } | null;
  /** The receipt that the receipts screen begins with; null: the newest. */
  readonly receiptNo: string | null;
  /** The meter card put in that has been looked at, by its insertion: no banner asks for it again. */
  readonly insertionSeen: number | null;
  /** The load chosen among those that are open; null: the first. */
  readonly load: string | null;
  /** The health board lies over the screen. */
  readonly board: boolean;
  /** The Z just made, shown until it is put away; the journal keeps it. */
  readonly lastZ: ShiftClosed | null;
};

/** What the window itself knows: nothing that matters after a reload. */
export const useWindow = create<WindowState>(() => ({
  screen: 'counter',
  notice: null,
  hint: null,
  print: null,
  enrolling: false,
  attempt: null,
  card: null,
  receiptNo: null,
  insertionSeen: null,
  load: null,
  board: false,
  lastZ: null,
}));

/** Shows a screen and takes away what was said on the last one. */
export const goTo = (screen: ShownScreen): void =>
  useWindow.setState({ screen, notice: null, attempt: null, card: null, receiptNo: null });

/** Says why something did not happen, in the words of contracts/errors.ts. */
export const tell = (failure: Failure): void => useWindow.setState({ notice: { kind: 'failure', failure } });

/** Says a sentence. */
export const say = (tone: Tone, text: string, next?: string): void =>
  useWindow.setState({
    notice: next === undefined ? { kind: 'said', tone, text } : { kind: 'said', tone, text, next },
  });

export const hush = (): void => useWindow.setState({ notice: null });
export const setEnrolling = (enrolling: boolean): void => useWindow.setState({ enrolling });
export const notePrint = (print: PrintNote): void => useWindow.setState({ print });
export const showAttempt = (attempt: string | null): void =>
  useWindow.setState({ screen: 'counter', notice: null, attempt });
/** Opens a card operation in the archive. `from`: the receipt that Esc leads back to. */
export const showCard = (attemptId: string, from: string | null = null): void =>
  useWindow.setState({ screen: 'cards', notice: null, attempt: null, card: { attemptId, from } });
/** Shows a receipt among the receipts. */
export const showReceipt = (receiptNo: string): void =>
  useWindow.setState({ screen: 'receipts', notice: null, attempt: null, card: null, receiptNo });
/** Shows the loads that are not on their card, one of them chosen. */
export const showLoad = (load: string | null = null): void =>
  useWindow.setState({ screen: 'openLoads', notice: null, load });
export const showBoard = (board: boolean): void => useWindow.setState({ board });
export const insertionSeen = (insertion: number): void => useWindow.setState({ insertionSeen: insertion });
export const showZ = (lastZ: ShiftClosed | null): void => useWindow.setState({ lastZ });
