import type { IpwContract } from '../../../contracts/ipw.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { HandlerOf } from '../../../contracts/rpc/definition.ts';
import type { FakeState } from './fake-state.ts';

type MeterCardMethods = Extract<
  keyof IpwContract,
  'meterCard' | `meterCard.${string}` | `load.${string}` | 'health.board'
>;

/** The meter cards' part of the core host in memory. Tests put cards in by setting the topic. */
export function meterCardHandlers(state: FakeState): {
  readonly [K in MeterCardMethods]: HandlerOf<IpwContract[K]>;
} {
  const { meterCard } = state;
  return {
    meterCard,
    'meterCard.again': async () => (meterCard.current().card ? ok({}) : fail('meterCardAbsent')),
    'meterCard.order': async () => fail('meterCardAbsent'),
    'load.finish': async () => fail('meterCardAbsent'),
    'load.cancel': async () => fail('loadUnknown'),
    'load.writeOff': async () => fail('loadUnknown'),
    'load.seen': async ({ loadId }) => {
      if (meterCard.current().load?.loadId !== loadId) return fail('loadUnknown');
      meterCard.set({ load: null });
      return ok({});
    },
    'health.board': async () => ok({ parts: [] }),
  };
}
