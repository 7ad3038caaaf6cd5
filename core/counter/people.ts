import { fail, ok, type Result } from '../../contracts/result.ts';
import type { KnownUser } from '../ports/machine.ts';
import { within } from '../sync/within.ts';
import type { CounterContext } from './context.ts';

/**
 * Who may work here. The centre is the judge while it answers; what it says of a person wins over what is remembered. While
 * it is away, whoever it let in here lately is known by this workstation's own verifier (core/ports CredentialsPort).
 */

export type PeopleCode = 'loginWrong' | 'loginLocked' | 'userBlocked' | 'loginNeedsCentre' | 'notAllowed';
export type Trusted = { readonly user: KnownUser; readonly offline: boolean };

const LOGIN_TIMEOUT_MS = 10_000;
/** Where the line was down when last looked at, nobody is kept waiting for it. */
const LOGIN_OFFLINE_TIMEOUT_MS = 3_000;
const HOUR_MS = 3_600_000;
/** A clock set back by more than this makes what was remembered look younger than it is: it is not believed. */
const CLOCK_TOLERANCE_MS = 300_000;

/** Checks a person for logging in, or a supervisor for approving another's act. */
export async function trust(
  context: CounterContext,
  username: string,
  password: string,
  purpose: 'login' | 'approval',
): Promise<Result<Trusted, PeopleCode>> {
  const { centre, credentials, machine } = context.ports;
  // The line may have come back since we last looked: the centre is asked whatever the strip says.
  if (!centre.configured()) return remembered(context, username, password, purpose);
  const asked = centre['auth.login']({ username, password, purpose });
  const online = context.sync.link().line === 'online';
  const answer = await within(machine, online ? LOGIN_TIMEOUT_MS : LOGIN_OFFLINE_TIMEOUT_MS, asked);
  if (answer.ok) {
    const user: KnownUser = answer.value;
    if (!mayWork(user, purpose)) {
      credentials.forget(username);
      return fail('notAllowed');
    }
    await credentials.remember(user, password, machine.nowMs());
    return ok({ user, offline: false });
  }
  const { code, detail } = answer.error;
  switch (code) {
    case 'userBlocked':
    case 'notAllowed':
      // For an approval `notAllowed` says no more than that this person is no supervisor.
      if (code === 'userBlocked' || purpose === 'login') credentials.forget(username);
      return fail(code);
    case 'loginLocked':
      return fail('loginLocked', detail);
    case 'tooManyRequests':
      return fail('loginLocked', { minutes: Math.max(1, Math.ceil(Number(detail?.['seconds'] ?? 60) / 60)) });
    case 'loginWrong': {
      // The password that is right here but wrong there has been changed there: it must not open this counter again.
      const known = await credentials.verify(username, password, machine.nowMs());
      if (known.kind === 'right') credentials.forget(username);
      return fail('loginWrong');
    }
    default:
      context.sync.suspect();
      return remembered(context, username, password, purpose);
  }
}

async function remembered(
  { ports }: CounterContext,
  username: string,
  password: string,
  purpose: 'login' | 'approval',
): Promise<Result<Trusted, PeopleCode>> {
  const { credentials, machine, replica } = ports;
  const hours = replica.counter()?.policy.offlineLoginHours ?? 0;
  const nowMs = machine.nowMs();
  const known = await credentials.verify(username, password, nowMs);
  switch (known.kind) {
    case 'wrong':
      return fail('loginWrong');
    case 'absent':
      return fail('loginNeedsCentre', { hours });
    case 'locked':
      return fail('loginLocked', { minutes: known.minutes });
    case 'right': {
      const ageMs = nowMs - known.rememberedAtMs;
      if (ageMs > hours * HOUR_MS || ageMs < -CLOCK_TOLERANCE_MS) return fail('loginNeedsCentre', { hours });
      return mayWork(known.user, purpose) ? ok({ user: known.user, offline: true }) : fail('notAllowed');
    }
  }
}

/** Only people of the counter work here; only supervisors approve. */
const mayWork = ({ role }: KnownUser, purpose: 'login' | 'approval'): boolean =>
  role === 'supervisor' || (role === 'teller' && purpose === 'login');
