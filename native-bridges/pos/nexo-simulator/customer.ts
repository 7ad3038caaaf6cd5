/** What the customer in front of the terminal does. */
export type Customer =
  | 'approve'
  | 'decline'
  | 'insufficientFunds'
  | 'expiredCard'
  /** Three times. */
  | 'wrongPin'
  /** Presses the red key. */
  | 'cancel'
  /** Never comes. */
  | 'timeOut'
  /** Thinks about it until the till aborts or somebody tells them otherwise. */
  | 'wait';

export type Ending =
  | { readonly approved: true }
  | { readonly approved: false; readonly condition: string; readonly words: string };

/** How the terminal answers what a customer did; `wait` has no ending of its own. */
export const ENDINGS: Readonly<Record<Exclude<Customer, 'wait'>, Ending>> = {
  approve: { approved: true },
  decline: { approved: false, condition: 'Refusal', words: 'refusalReason=210%20DECLINED&message=DECLINED' },
  insufficientFunds: {
    approved: false,
    condition: 'Refusal',
    words: 'refusalReason=210%20Not%20enough%20balance&message=NOT_ENOUGH_BALANCE',
  },
  expiredCard: {
    approved: false,
    condition: 'Refusal',
    words: 'refusalReason=204%20Expired%20Card&message=EXPIRED_CARD',
  },
  wrongPin: {
    approved: false,
    condition: 'WrongPIN',
    words: 'refusalReason=211%20Invalid%20pin&message=INVALID_PIN',
  },
  cancel: { approved: false, condition: 'Cancel', words: 'message=CANCELLED_BY_SHOPPER' },
  timeOut: { approved: false, condition: 'Cancel', words: 'message=TIMED_OUT' },
};
