import { stepPayment, type CounterContext } from './context.ts';

/**
 * Begins afresh. A basket whose card is being asked after goes on without the desk; one at the terminal stays on it, unless its
 * teller leaves.
 */
export function nextCustomer(context: CounterContext, why: 'next' | 'leaving' = 'next'): void {
  const { payment } = context.desk;
  context.loads.turnAway();
  const paymentId = context.ports.machine.mintId();
  if (payment.stage === 'charging') {
    const { attemptId } = payment;
    if (why === 'leaving' || context.cards.live(attemptId)?.state.stage === 'unknown')
      stepPayment(context, { kind: 'parked', attemptId, paymentId, language: 'az' });
  } else stepPayment(context, { kind: 'begun', paymentId, language: 'az' });
}
