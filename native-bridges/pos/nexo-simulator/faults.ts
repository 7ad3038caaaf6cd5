/**
 * What goes wrong, and where. `request`: a message of the till arrives; `display`: the terminal tells of its progress;
 * `beforeCharge`, `afterCharge`: on either side of the bank's yes; `response`: the answer is due.
 */
export type FaultPoint = 'request' | 'display' | 'beforeCharge' | 'afterCharge' | 'response';

export type Fault = {
  readonly at: FaultPoint;
  /** Requests of this category only; the financial ones when absent. */
  readonly category?: string;
  /**
   * `drop`: it is lost; `cut`: the line breaks, the terminal goes on; `cutHalfway`: in the middle of the message;
   * `powerOff`: the terminal starts anew; `garbage`: noise in its place; `duplicate`: it comes twice; `delay`: it is late.
   */
  readonly does: 'drop' | 'cut' | 'cutHalfway' | 'powerOff' | 'garbage' | 'duplicate' | 'delay';
  /** For `delay`. */
  readonly delayMs?: number;
};

const FINANCIAL = ['Payment', 'Reversal'];

/** Faults in wait, each of which strikes once. */
export type FaultPlan = {
  readonly add: (fault: Fault) => void;
  readonly take: (at: FaultPoint, category: string) => Fault | undefined;
  readonly clear: () => void;
};

export function faultPlan(): FaultPlan {
  const waiting: Fault[] = [];
  return {
    add: (fault) => waiting.push(fault),
    take(at, category) {
      const index = waiting.findIndex(
        (fault) =>
          fault.at === at &&
          (fault.category === undefined ? FINANCIAL.includes(category) : fault.category === category),
      );
      return index === -1 ? undefined : waiting.splice(index, 1)[0];
    },
    clear: () => waiting.splice(0),
  };
}
