import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SignedEntry } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import type { CentrePort } from '../../../core/ports/centre.ts';
import type { MachinePort } from '../../../core/ports/machine.ts';
import { must, type SaleLine } from '../../../main/demo/day/teller.ts';
import { createCentreClient } from '../../../native-bridges/centre-client/centre-client.ts';
import { createDeviceKey } from '../../../native-bridges/device-key/device-key.ts';
import { openJournal, type Journal } from '../../../native-bridges/journal/journal.ts';
import { createMachine } from '../../../native-bridges/machine/machine.ts';
import { testPayment, testShift } from '../../../server/testing/device.ts';
import type { FaultPlace } from './fault-place.ts';

/** A device without a counter: its key, its journal, its line to the centre, and a hand that writes payments. */
export type BareDevice = {
  readonly code: string;
  readonly deviceId: string;
  readonly machine: MachinePort;
  readonly journal: Journal;
  readonly centre: CentrePort;
  /** Appends payments, one entry each. */
  pay(lines: readonly SaleLine[]): void;
  /** All entries as they are sent, from the first. */
  entries(): readonly SignedEntry[];
  /** The signature of the device's own key. */
  signHash(hash: string): string;
  /** How far the centre has its journal. */
  acknowledged(): Promise<number>;
  close(): void;
};

/** Enrols one at the centre. Its first entries are the enrolment and an open shift. */
export async function bareDevice(place: FaultPlace, code: string): Promise<BareDevice> {
  const folder = join(place.folder, code);
  mkdirSync(folder, { recursive: true });
  const machine = createMachine({ level: 'error' });
  const deviceKey = createDeviceKey({ path: join(folder, 'device-key.json') });
  const centre = createCentreClient({
    addressFile: join(folder, 'centre.json'),
    caFile: place.centre.caFile(),
    deviceKey,
    machine,
  });
  centre.configure(place.centre.url());
  const identity = deviceKey.begin(() => machine.mintId());
  const enrolment = { code: await place.enrolmentCode(code), ...identity };
  must('the enrolment', await centre['device.enrol'](enrolment));
  const journal = must(
    'the journal',
    openJournal({
      path: join(folder, 'journal.sqlite'),
      holder: 'test',
      identity: () => deviceKey.identity(),
      signer: deviceKey,
      machine,
    }),
  );
  const shift = testShift(code);
  const append = (...entry: Parameters<Journal['append']>): void =>
    void must('an entry', journal.append(...entry));
  append(machine.mintId(), 'device.enrolled', { ...identity, workstation: code });
  append(shift.context.shiftId, 'shift.opened', { ...shift.context, float: [], floatTotal: qepik(0) });
  return {
    code,
    deviceId: identity.deviceId,
    machine,
    journal,
    centre,
    pay(lines) {
      const payment = testPayment(shift, lines);
      append(payment.paymentId, 'payment.accepted', payment);
    },
    entries: () => {
      const acknowledged = journal.headSeq() - journal.waitingCount().count;
      if (acknowledged > 0) throw new Error('only what waits can be read as it is sent');
      return journal.waiting(Number.MAX_SAFE_INTEGER);
    },
    signHash: (hash) => deviceKey.signHash(hash),
    acknowledged: async () => must('the state', await centre['device.state']({})).acknowledgedThrough,
    close() {
      journal.close();
      centre.close();
    },
  };
}
