import type { z } from 'zod';
import type { CentreContract, CentreMethod } from '../../contracts/centre.ts';
import type { Result } from '../../contracts/result.ts';
import type { BoundaryCode, CallDefinition } from '../../contracts/rpc/definition.ts';
import { fail, ok } from '../../contracts/result.ts';
import type { Database } from '../db/database.ts';
import type { AcceptPayment } from '../intake/accept-payment.ts';
import { inTurn } from '../intake/in-turn.ts';
import { pushJournal } from '../intake/journal-push.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { viewAccount } from '../registry/accounts.ts';
import { readBillers } from '../registry/billers.ts';
import { devicePublicKey, signatureFits } from '../registry/identity.ts';
import { numbersOf } from '../registry/numbers.ts';
import { verifyReceipt } from '../registry/receipts.ts';
import { findSubscriber } from '../registry/subscribers.ts';
import { checkLogin } from '../registry/users.ts';
import { enrolDevice, findDevice, leaseCodes, type Device } from '../registry/workstations.ts';
import { replicaChanges } from '../replica/changes.ts';
import { meterCardHandlers } from './meter-card-methods.ts';
import { TOKEN_SECONDS, type Tokens } from './tokens.ts';

type HandlerOf<D> =
  D extends CallDefinition<infer I, infer O, infer C>
    ? (input: z.output<I>) => Promise<Result<z.input<O>, C | BoundaryCode>>
    : never;

/** The methods anyone may call, and those of a workstation, which get the device that calls. */
type OpenMethod = 'device.enrol' | 'device.challenge' | 'device.session' | 'receipts.verify';
export type OpenHandlers = { readonly [M in OpenMethod]: HandlerOf<CentreContract[M]> };
export type DeviceHandlers = {
  readonly [M in Exclude<CentreMethod, OpenMethod>]: (
    input: Parameters<HandlerOf<CentreContract[M]>>[0],
    device: Device,
  ) => ReturnType<HandlerOf<CentreContract[M]>>;
};

export type MethodDeps = {
  readonly database: Database;
  readonly tokens: Tokens;
  readonly payments: AcceptPayment;
  readonly keys: KeyStore;
  readonly replicaEpoch: string;
  readonly centreName: string;
  /** Where anyone verifies a receipt: `https://…/q`. */
  readonly receiptVerifyUrl: string;
};

const centreTime = (): string => new Date().toISOString();

/** Who may log in at a counter, and who may approve there. */
const LOGIN_ROLES: readonly string[] = ['teller', 'supervisor', 'administrator'];
const APPROVAL_ROLES: readonly string[] = ['supervisor', 'administrator'];

/** The open half of the contract. */
export const openHandlers = ({ database: { db }, tokens, centreName }: MethodDeps): OpenHandlers => ({
  async 'device.enrol'({ code, deviceId, publicKey }) {
    const enrolled = await enrolDevice(db, code, deviceId, publicKey);
    if (!enrolled.ok) return enrolled;
    const numbers = await numbersOf(db, enrolled.value.workstationId, deviceId);
    return ok({ workstation: enrolled.value, centreName, ...(numbers ? { numbers } : {}) });
  },
  async 'device.challenge'({ deviceId }) {
    const device = await findDevice(db, deviceId);
    if (!device) return fail('deviceUnknown');
    return device.status === 'active' ? ok({ nonce: tokens.challenge(deviceId) }) : fail('deviceQuarantined');
  },
  async 'device.session'({ deviceId, nonce, signature }) {
    const device = await findDevice(db, deviceId);
    if (!device) return fail('deviceUnknown');
    if (device.status !== 'active') return fail('deviceQuarantined');
    const key = devicePublicKey(device.publicKey);
    if (
      !key ||
      !(await signatureFits(key, Buffer.from(nonce, 'utf8'), signature)) ||
      !tokens.redeem(deviceId, nonce)
    ) {
      return fail('unauthorised');
    }
    return ok({
      token: await tokens.issue(deviceId),
      validForSeconds: TOKEN_SECONDS,
      centreTime: centreTime(),
    });
  },
  'receipts.verify': async ({ code }) => ok(await verifyReceipt(db, code)),
});

/**
 * A journal is taken in order anyhow; pushes of one device that wait for each other must not hold the connections that the
 * others need. One may be the repetition of another whose answer was lost.
 */
const PUSHES_WAITING_MAX = 2;

/** The workstations' half. */
export const deviceHandlers = ({
  database,
  payments,
  replicaEpoch,
  receiptVerifyUrl,
  keys,
}: MethodDeps): DeviceHandlers => {
  const pushes = inTurn(PUSHES_WAITING_MAX);
  return {
    async 'device.state'(_, device) {
      const head = await database.db
        .selectFrom('device')
        .select(['head_seq', 'head_hash'])
        .where('device_id', '=', device.deviceId)
        .executeTakeFirstOrThrow();
      return ok({
        workstation: device.workstation,
        policy: device.policy,
        acknowledgedThrough: head.head_seq,
        headHash: head.head_hash,
        receiptVerifyUrl,
        centreTime: centreTime(),
      });
    },
    async 'auth.login'({ username, password, purpose }, device) {
      const login = await checkLogin(database.db, username, password);
      if (!login.ok) return login;
      const { participantId, ...user } = login.value;
      const roles = purpose === 'approval' ? APPROVAL_ROLES : LOGIN_ROLES;
      const elsewhere = participantId !== null && participantId !== device.participantId;
      return elsewhere || !roles.includes(user.role) ? fail('notAllowed') : ok(user);
    },
    async 'journal.push'({ entries }, device) {
      // JSON text never holds these; what does was not written by a journal, and no database column takes it.
      const odd = entries.find(({ body }) => body.includes('\0') || !body.isWellFormed());
      if (odd) return fail('inputInvalid', { reason: `entries: the body of ${odd.seq} is not text` });
      const pushed = await pushes.run(device.deviceId, () => pushJournal(database, device, entries));
      if (pushed === 'full') return fail('tooManyRequests', { seconds: 1 });
      return pushed.ok
        ? ok({ ...pushed.value, outcomes: [...pushed.value.outcomes], centreTime: centreTime() })
        : pushed;
    },
    async 'replica.changes'({ cursor, limit }, device) {
      const page = await replicaChanges(database, replicaEpoch, device.district, cursor, limit);
      return ok({
        ...page,
        accounts: [...page.accounts],
        credits: [...page.credits],
        subscribers: [...page.subscribers],
        lists: [...page.lists],
      });
    },
    'replica.billers': async () => ok({ billers: await readBillers(database.db) }),
    async 'account.fetch'({ billerId, account }) {
      const [biller] = await readBillers(database.db, billerId);
      if (!biller) return fail('billerUnknown');
      if (biller.status !== 'live') return fail('billerNotLive');
      const view = await viewAccount(database.db, biller, account);
      const fits = biller.offline === 'mask' && new RegExp(biller.accountMask).test(account);
      return view.known || fits ? ok(view) : fail('accountUnknown');
    },
    async 'subscriber.fetch'({ code }) {
      const subscriber = await findSubscriber(database.db, code);
      if (!subscriber) return fail('subscriberUnknown');
      const billers = new Map((await readBillers(database.db)).map((biller) => [biller.id, biller]));
      const accounts = await Promise.all(
        subscriber.accounts.flatMap(({ billerId, account }) => {
          const biller = billers.get(billerId);
          return biller ? [viewAccount(database.db, biller, account)] : [];
        }),
      );
      return ok({ subscriber, accounts });
    },
    async 'codes.lease'({ leaseId }, device) {
      const block = await leaseCodes(database.db, device.deviceId, leaseId);
      return block ? ok(block) : fail('inputInvalid', { reason: 'leaseId: another device has it' });
    },
    'payments.accept': (request, device) => payments.accept(device, request),
    ...meterCardHandlers({ database, keys }),
  };
};
