import type { PosSettings } from '../../../contracts/pos.ts';
import type { CustomerWish } from '../../../native-bridges/pos/simulator/customer.ts';
import type { FaultWish } from '../../../native-bridges/pos/simulator/faults.ts';
import { startSimulator, type Simulator } from '../../../native-bridges/pos/simulator/simulator.ts';
import type { Terminal } from '../../../native-bridges/pos/simulator/terminal-state.ts';

/**
 * The POS terminal of the day with its bank, and what goes wrong at it. It lives in the day's own process, so that trouble
 * strikes at an exact moment of an operation; its memory and its bank's book are on the disk over every power cut.
 */
export type DayTerminal = {
  readonly settings: PosSettings;
  bank(): ReturnType<Simulator['bank']>;
  /** Who stands in front of it now. */
  customer(wish: CustomerWish): void;
  /** Something happens at this moment of the next operation that comes to it; once. */
  when(moment: Moment, strike: (simulator: Simulator) => void): void;
  stop(): Promise<void>;
};

/** The moments of an operation, before anything that follows from them has left the terminal. */
export const MOMENTS = {
  /** A sale waits for its card. */
  card: ({ procedure }) => procedure?.command?.name === 'authorisation' && procedure.phase === 'card',
  /** The bank is being asked; the approval has not been stated. */
  host: ({ procedure }) => moves(procedure) && procedure?.phase === 'host',
  /** The approval was stated; the counter's yes is awaited. */
  approval: ({ procedure, awaiting }) => moves(procedure) && awaiting?.role === 'approval',
  /** The end of day is under way. */
  endOfDay: ({ procedure }) => procedure?.command?.name === 'endOfDay',
} as const satisfies Readonly<Record<string, (terminal: Terminal) => boolean>>;
export type Moment = keyof typeof MOMENTS;

const moves = (procedure: Terminal['procedure']): boolean =>
  procedure?.command?.name === 'authorisation' || procedure?.command?.name === 'reversal';

const HOST = '127.0.0.1';

/** Nobody here makes a queue wait; the protocol's own times (T3) stay as they are. */
const QUICK = { host: 20, work: 20, reversal: 20 } as const;

export async function startDayTerminal(stateFile: string, seed: number): Promise<DayTerminal> {
  const simulator = await startSimulator({
    tcp: { host: HOST, port: 0 },
    stateFile,
    seed,
    terms: { times: QUICK },
  });
  const { port } = simulator;
  if (port === null) throw new Error('a terminal on TCP has a port');
  return {
    settings: { kind: 'zvtTcp', host: HOST, port, password: '000000' },
    bank: () => simulator.bank(),
    customer: (wish) => simulator.customer({ ...AT_ONCE, ...wish }),
    when(moment, strike) {
      const leave = simulator.watch(() => {
        if (!MOMENTS[moment](simulator.terminal())) return;
        leave();
        strike(simulator);
      });
    },
    stop: () => simulator.stop(),
  };
}

const AT_ONCE = { presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 } as const satisfies CustomerWish;

/** A fault of the terminal's own bench as something that strikes. */
export const fault =
  (wish: FaultWish) =>
  (simulator: Simulator): void =>
    simulator.fault(wish);
