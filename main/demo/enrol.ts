import type { IpwContract } from '../../contracts/ipw.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import { must } from './day/teller.ts';
import { stateWhere } from './watch.ts';

/** Enrols a workstation through its own contract, unless it is already. Answers how many accounts its replica has. */
export async function enrolIfNew(
  ask: Client<IpwContract>,
  centreUrl: string,
  newCode: () => Promise<string>,
  progress: (accounts: number) => void,
): Promise<number> {
  const { enrolled } = await stateWhere(ask.session, 'the session', () => true);
  if (!enrolled) {
    const enrolment = ask['setup.enrol']({ centreUrl, code: await newCode() }, ({ accounts }) =>
      progress(accounts),
    );
    must('the enrolment', await enrolment.result);
  }
  const { replica } = await stateWhere(ask.status, 'the replica', (state) => state.replica.state === 'ready');
  return replica.accounts;
}
