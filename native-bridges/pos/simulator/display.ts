import type { Prompt } from './customer.ts';
import type { Notice, Terminal } from './terminal-state.ts';

/** What stands on the terminal's display, for the page and for whoever watches. */
export type Display = {
  readonly notice: Notice;
  /** Minor units; null when nothing is asked for. */
  readonly amount: number | null;
  readonly kind: 'sale' | 'refund' | 'reversal' | null;
  readonly prompt: Prompt | null;
  readonly cardInside: boolean;
  readonly wrongPins: number;
  /** Of the last transaction. */
  readonly result: number | null;
};

/** What the customer is to do now. */
export function promptOf({ procedure, cardInside }: Terminal): Prompt | null {
  switch (procedure?.phase) {
    case 'card':
    case 'pin':
    case 'host':
      return procedure.command?.name === 'reversal' ? null : procedure.phase;
    case 'confirm':
    case 'papers':
      return null;
    default:
      return cardInside === null ? null : 'takeCard';
  }
}

export function displayOf(state: Terminal): Display {
  const { procedure, durable, cardInside, notice } = state;
  const { last } = durable.memory;
  return {
    notice,
    amount: procedure !== null && procedure.amount > 0 ? procedure.amount : null,
    kind: kindOf(state),
    prompt: promptOf(state),
    cardInside: cardInside !== null,
    wrongPins: procedure?.wrongPins ?? 0,
    result: last === null || last.kind === 'endOfDay' ? null : last.result,
  };
}

function kindOf({ procedure }: Terminal): Display['kind'] {
  switch (procedure?.command?.name) {
    case 'authorisation':
      return 'sale';
    case 'refund':
      return 'refund';
    case 'reversal':
      return 'reversal';
    default:
      return procedure?.transaction?.kind ?? null;
  }
}
