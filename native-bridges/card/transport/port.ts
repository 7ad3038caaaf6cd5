/**
 * The way to cards in readers: what PC/SC offers, with every failure typed. Readers come and go by themselves, the
 * service behind them too; a command is sent once and never repeated here.
 */

/** Each failure in plain words, for logs and support; screens have their own texts. */
export const CARD_FAILURE_WORDS = {
  noService: 'the PC/SC service is not running',
  noReader: 'the reader is not connected',
  noCard: 'no card is in the reader',
  removed: 'the card was removed',
  wasReset: 'the card was reset by somebody else; reset it to go on',
  sharing: 'another program holds the card',
  mute: 'the card does not answer when it is switched on',
  unsupported: 'the reader or the card does not support this',
  comm: 'the communication with the card or the reader failed',
  timeout: 'the answer did not come in time; the card process was started again',
  processEnded: 'the card process ended; it was started again',
  unknownState: 'the card answered with less than a status word',
  closed: 'the connection is closed',
} as const;

export type CardFailureCode = keyof typeof CARD_FAILURE_WORDS;

export type CardFailure = {
  readonly code: CardFailureCode;
  /**
   * Whether this command may have changed the card: a byte may have gone out and no whole answer came back. Only reading
   * the card again tells. False means that nothing of this command reached the card.
   */
  readonly cardStateUnknown: boolean;
  /** The PC/SC call and its code, for support. Holds no card data. */
  readonly detail: string;
};

export type CardResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CardFailure };

export type CardProtocol = 'T=0' | 'T=1' | 'raw';

export type ReaderState = {
  readonly name: string;
  /** `mute`: a card is there and does not answer to power. `unknown`: the reader cannot say. */
  readonly card: 'absent' | 'present' | 'mute' | 'unknown';
  /** Empty when no card is there or it is mute. */
  readonly atr: Uint8Array;
  /** Who has the card open, this process among them; may be some seconds old. */
  readonly held: 'free' | 'shared' | 'exclusive';
  /**
   * Differs for each card that is put in, also when the pause between two was too short to be seen. 0 while none is in.
   * Not comparable between readers, nor across a fresh start of the service.
   */
  readonly insertion: number;
};

/**
 * Whether readers can be seen. `away` is daily business: Windows stops its service with the last reader. `since` is
 * epoch milliseconds.
 */
export type CardService =
  | { readonly state: 'starting' | 'running'; readonly since: number }
  | {
      readonly state: 'away';
      readonly since: number;
      readonly reason: 'noLibrary' | 'noService' | 'processEnded';
      readonly detail: string;
    };

/** All there is to see at one moment. Readers are in the service's order; there are none unless it is running. */
export type CardSight = { readonly service: CardService; readonly readers: readonly ReaderState[] };

export type ConnectOptions = {
  /** Nobody else may open the card meanwhile; fails with `sharing` while somebody has it open. */
  readonly exclusive: boolean;
  /** Without it the reader chooses between T=0 and T=1. */
  readonly protocol?: CardProtocol;
  /** For so long is another program's hold on the card waited for, milliseconds; 0, the default, asks once. */
  readonly waitForOthersMs?: number;
  /** For one attempt; the card is switched on in it. */
  readonly deadlineMs?: number;
};

export type Deadline = { readonly deadlineMs: number };

/**
 * An open card. Commands wait for one another in the order they were given; a deadline counts from when the command's turn
 * comes. When one passes, the process that speaks PC/SC is killed and begun anew: every connection of this transport is
 * gone then. After `removed`, `noReader`, `noService`, `timeout` and `processEnded` a connection answers nothing but that.
 */
export type CardConnection = {
  readonly reader: string;
  /** As of the last reset. */
  atr(): Uint8Array;
  protocol(): CardProtocol;
  /** Sends one command as it is and answers what came back as it is, two bytes at least. */
  transmit(apdu: Uint8Array, deadline: Deadline): Promise<CardResult<Uint8Array>>;
  /**
   * Keeps other programs off a shared card until `end`. Waits while another one does so. Windows resets a card whose
   * transaction is idle for five seconds.
   */
  begin(deadline?: Deadline): Promise<CardResult<void>>;
  end(): Promise<CardResult<void>>;
  /** `cold` cuts the power, `warm` pulls the reset line. Also the way on after `wasReset`, never to another card. */
  reset(how: 'cold' | 'warm'): Promise<CardResult<{ readonly atr: Uint8Array }>>;
  /**
   * A command to the reader's driver. `code` is the function number: what SCARD_CTL_CODE(…) takes in the reader's
   * manual. Answers what the driver answers, which may be nothing.
   */
  control(code: number, bytes: Uint8Array, deadline?: Deadline): Promise<CardResult<Uint8Array>>;
  /** Lets the card go and says what becomes of it. Never fails: what is gone is closed. */
  close(how: 'leave' | 'reset' | 'unpower'): Promise<void>;
};

export type CardTransport = {
  /** Called at once with what is to be seen now, then at every change. Answers how to stop. */
  watch(listener: (sight: CardSight) => void): () => void;
  readers(): readonly ReaderState[];
  connect(reader: string, options: ConnectOptions): Promise<CardResult<CardConnection>>;
  /** Closes every connection and ends the card process. Nothing can be asked afterwards. */
  dispose(): Promise<void>;
};
