import type { PosCheck, PosFinding } from '../../contracts/pos.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Area } from './area.ts';
import { factsOf, loggedIn, type CounterContext } from './context.ts';

/** The terminal itself: which one, whether it is set up as it must be. */
export function terminalHandlers(
  context: CounterContext,
): Area<'terminal.set' | 'terminal.try' | 'terminal.search' | 'terminal.check'> {
  const { pos } = context.ports;
  return {
    'terminal.set': async ({ settings }) => {
      const allowed = mayChange(context);
      if (!allowed.ok) return allowed;
      await pos.set(settings);
      pos.open();
      context.changed();
      return ok({});
    },

    'terminal.try': async ({ settings }) => {
      const allowed = mayChange(context);
      if (!allowed.ok) return allowed;
      if (settings.kind === 'none') return fail('terminalNotSet');
      const { state, reason, terminalId, simulator } = await pos.tryOut(settings);
      return ok({
        state: state === 'ready' || state === 'refused' ? state : 'away',
        reason,
        terminalId,
        simulator,
      });
    },

    'terminal.search': async (_input, progress, signal) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      if (context.cards.inHand() !== null) return fail('terminalBusy');
      const findings: PosFinding[] = [];
      await pos.search(
        (finding) => {
          findings.push(finding);
          progress({ finding });
        },
        () => signal.cancelled,
      );
      return ok({ findings });
    },

    'terminal.check': async (_input, progress) => {
      const ready = terminalIdle(context);
      if (!ready.ok) return ready;
      const checks: PosCheck[] = [];
      await pos.check((check) => {
        checks.push(check);
        progress({ check });
      });
      return ok({ checks });
    },
  };
}

/** Only a supervisor changes the terminal, and not while the one in use is needed. */
function mayChange(
  context: CounterContext,
): Result<null, 'notLoggedIn' | 'notAllowed' | 'terminalBusy' | 'cardAttemptOpen'> {
  const user = loggedIn(context);
  if (!user.ok) return user;
  if (user.value.role !== 'supervisor') return fail('notAllowed');
  if (context.cards.inHand() !== null) return fail('terminalBusy');
  // The terminal that holds an unknown outcome is the only one that can tell it.
  return factsOf(context).openAttempts.size > 0 ? fail('cardAttemptOpen') : ok(null);
}

/** A terminal that can be asked something beside payments. */
export function terminalIdle(
  context: CounterContext,
): Result<null, 'notLoggedIn' | 'terminalNotSet' | 'terminalBusy' | 'terminalAway'> {
  const user = loggedIn(context);
  if (!user.ok) return user;
  const { pos } = context.ports;
  if (pos.settings().kind === 'none') return fail('terminalNotSet');
  if (context.cards.inHand() !== null) return fail('terminalBusy');
  const { state } = pos.health();
  if (state === 'busy') return fail('terminalBusy');
  return state === 'ready' ? ok(null) : fail('terminalAway');
}
