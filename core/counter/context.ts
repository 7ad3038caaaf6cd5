import { assert } from '../../contracts/assert.ts';
import type { Workstation } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { EntryPayload, EntryType, Person } from '../../contracts/journal.ts';
import { fail, ok, type Failure, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Facts, ShiftFacts } from '../facts.ts';
import { shiftOpen, type CountState } from '../machines/shift.ts';
import { emptyBasket, paymentStep, type PaymentEvent, type PaymentState } from '../machines/payment.ts';
import type { CentrePort } from '../ports/centre.ts';
import type { JournalPort, StoredEntry } from '../ports/journal.ts';
import type {
  CredentialsPort,
  DeviceKeyPort,
  KnownUser,
  MachinePort,
  SettingsPort,
} from '../ports/machine.ts';
import type { MeterCardPort } from '../ports/meter-card.ts';
import type { PosPort } from '../ports/pos.ts';
import type { PrinterPort } from '../ports/printer.ts';
import type { ReplicaPort } from '../ports/replica.ts';
import type { Sync } from '../sync/sync.ts';
import type { Ledger } from './recording.ts';
import type { CardDesk } from './card-desk.ts';
import type { LoadDesk } from './load-desk.ts';
import type { MeterDesk } from './meter-desk.ts';
import type { Paper, PrintAnswer } from './paper.ts';

/** Everything the core needs from a machine. */
export type CounterPorts = {
  readonly machine: MachinePort;
  readonly journal: JournalPort;
  readonly replica: ReplicaPort;
  readonly centre: CentrePort;
  readonly credentials: CredentialsPort;
  readonly deviceKey: DeviceKeyPort;
  readonly printer: PrinterPort;
  readonly settings: SettingsPort;
  readonly pos: PosPort;
  readonly meterCards: MeterCardPort;
};

export type CounterOptions = {
  /** Demo data is loaded: the screen says so. */
  readonly demo: boolean;
};

/** Whoever is logged in. */
export type SessionUser = KnownUser & { readonly offline: boolean };

/** What the journal does not hold: who is here, the basket, the count under way. Lost with the process, not with the window. */
export type Desk = {
  user: SessionUser | null;
  payment: PaymentState;
  /** How far the count of each open shift is; absent: not counting. */
  readonly counts: Map<Id, CountState>;
  /** The payment that was being finished when the last process ended; shown to its teller at the next log-in. */
  interrupted: Id | null;
};

/** What the use cases share. Composed once, in counter.ts. */
export type CounterContext = {
  readonly ports: CounterPorts;
  readonly options: CounterOptions;
  readonly desk: Desk;
  readonly sync: Sync;
  readonly ledger: Ledger;
  readonly paper: Paper;
  readonly cards: CardDesk;
  readonly meters: MeterDesk;
  readonly loads: LoadDesk;
  /** Papers of card payments and stornos on their way, for whoever asks how they went. */
  readonly printing: Map<Id, Promise<PrintAnswer>>;
  /** Tells the topics that something people see has changed. */
  readonly changed: () => void;
};

export type JournalCode = 'journalUnwritable' | 'journalDamaged';

export const instantNow = ({ ports }: Pick<CounterContext, 'ports'>): Instant =>
  new Date(ports.machine.nowMs()).toISOString();

export const factsOf = (context: Pick<CounterContext, 'ledger'>): Readonly<Facts> => context.ledger.facts();

export const personOf = (user: KnownUser): Person => ({ userId: user.userId, name: user.name });

export const newDesk = (mintId: () => Id): Desk => ({
  user: null,
  payment: emptyBasket(mintId(), 'az'),
  counts: new Map(),
  interrupted: null,
});

/** The person logged in. */
export const loggedIn = ({ desk }: CounterContext): Result<SessionUser, 'notLoggedIn'> =>
  desk.user ? ok(desk.user) : fail('notLoggedIn');

/** The open shift of the person logged in, whether or not its drawer is being counted. */
export function ownShift(context: CounterContext): Result<ShiftFacts, 'notLoggedIn' | 'shiftNotOpen'> {
  const user = loggedIn(context);
  if (!user.ok) return user;
  const facts = factsOf(context);
  const shift = facts.shifts.get(facts.openShiftOf.get(user.value.userId) ?? '');
  return shift ? ok(shift) : fail('shiftNotOpen');
}

export const countOf = ({ desk }: CounterContext, shiftId: Id): CountState =>
  desk.counts.get(shiftId) ?? shiftOpen;

/** The shift that money may be taken in now. */
export function openDrawer(
  context: CounterContext,
): Result<ShiftFacts, 'notLoggedIn' | 'shiftNotOpen' | 'shiftCounting'> {
  const shift = ownShift(context);
  if (!shift.ok) return shift;
  return countOf(context, shift.value.shiftId).stage === 'open' ? shift : fail('shiftCounting');
}

/** One step of the payment in hand. Answers whether the event fitted, and the effects to perform, in order. */
export function stepPayment(context: CounterContext, event: PaymentEvent) {
  const before = context.desk.payment;
  const { state, effects } = paymentStep(before, event);
  context.desk.payment = state;
  context.changed();
  return { fitted: state !== before, effects };
}

/** Appends to the journal; see recording.ts. */
export function record<T extends EntryType>(
  context: CounterContext,
  entryId: Id,
  type: T,
  payload: EntryPayload<T>,
): Result<StoredEntry<T>, JournalCode> {
  return context.ledger.record(entryId, type, payload);
}

/** The workstation as the centre described it, or as much of it as the journal knows when the replica was thrown away. */
export function workstationOf(context: CounterContext): Workstation | null {
  const counter = context.ports.replica.counter();
  if (counter) return counter.workstation;
  const device = factsOf(context).device;
  if (!device) return null;
  return {
    workstationId: device.deviceId,
    code: device.workstation,
    branchName: '',
    branchAddress: '',
    participantName: '',
    district: '',
  };
}

/** The code in receipt numbers. Nobody opens a shift on a workstation that is not enrolled. */
export function workstationCode(context: CounterContext): string {
  const device = factsOf(context).device;
  assert(device !== null, 'the workstation is enrolled');
  return device.workstation;
}

/** A failure handed on under another roof: the same code and detail. */
export const again = <C extends Failure['code']>(
  error: Failure<C>,
): { readonly ok: false; readonly error: Failure<C> } => ({
  ok: false,
  error,
});
