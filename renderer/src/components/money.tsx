import { formatAmount, type Qepik } from '../../../contracts/money.ts';

/** An amount with the manat sign, in figures of equal width. */
export function Money({
  amount,
  className,
  testId,
}: {
  readonly amount: Qepik;
  readonly className?: string;
  readonly testId?: string;
}) {
  return (
    <span className={`money ${className ?? ''}`} {...(testId === undefined ? {} : { 'data-testid': testId })}>
      {formatAmount(amount)}
      <span className="manat">{'\u00a0₼'}</span>
    </span>
  );
}
