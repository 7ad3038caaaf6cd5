import type { Result } from '../../contracts/result.ts';
import { fail, ok } from '../../contracts/result.ts';
import { within } from '../sync/within.ts';
import type { Area } from './area.ts';
import { again, factsOf, record, workstationOf, type CounterContext } from './context.ts';

const ENROL_TIMEOUT_MS = 30_000;

/**
 * Enrolment: a key of our own, a place in the tree for a one-time code, the first entry of the journal, the district's
 * replica. Cut off anywhere, it is begun again with the same key and id, and the centre gives the same answer.
 */
export function setupHandlers(context: CounterContext): Area<'setup.enrol'> {
  const { centre, deviceKey, machine, replica } = context.ports;
  let underWay = false;
  return {
    'setup.enrol': async ({ centreUrl, code }, progress) => {
      if (factsOf(context).device !== null || underWay) return fail('alreadyEnrolled');
      underWay = true;
      try {
        const identity = deviceKey.begin(() => machine.mintId());
        progress({ step: 'key', accounts: 0 });
        centre.configure(centreUrl);
        const answer = await within(machine, ENROL_TIMEOUT_MS, centre['device.enrol']({ code, ...identity }));
        if (!answer.ok) {
          const { code: why } = answer.error;
          return why === 'enrolmentCodeWrong' || why === 'idempotencyConflict'
            ? fail(why)
            : fail('centreAway');
        }
        const { workstation, numbers } = answer.value;
        const written = record(context, machine.mintId(), 'device.enrolled', {
          ...identity,
          workstation: workstation.code,
          ...(numbers ? { numbers } : {}),
        });
        if (!written.ok) return again(written.error);
        progress({ step: 'enrolled', accounts: 0 });
        await load(context, (accounts) => progress({ step: 'replica', accounts }));
        progress({ step: 'ready', accounts: replica.accountCount() });
        return ok({ workstation: workstationOf(context) ?? workstation });
      } finally {
        underWay = false;
      }
    },
  };
}

const LOOK_MS = 300;

/** The first load is the sync's work, as every later one; here it is only watched. Without it the counter works on. */
async function load(context: CounterContext, loaded: (accounts: number) => void): Promise<Result<null>> {
  const { machine, replica } = context.ports;
  let callOff = (): void => undefined;
  const look = (): void => {
    loaded(replica.accountCount());
    callOff = machine.after(LOOK_MS, look);
  };
  look();
  await context.sync.now();
  callOff();
  return ok(null);
}
