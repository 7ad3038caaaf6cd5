import { useState, type KeyboardEvent, type Ref } from 'react';
import { formatAmount, parseAmount, type Qepik } from '../../../contracts/money.ts';

type AmountFieldProps = {
  readonly label: string;
  readonly value: Qepik;
  /** Told when a good amount was typed and left or confirmed. */
  readonly onCommit: (amount: Qepik) => void;
  /** After Enter (the amount, if changed, has been told). */
  readonly onEnter: () => void;
  readonly onLeave?: (by: 'up' | 'down' | 'escape') => void;
  readonly onWrong: (wrong: boolean) => void;
  readonly tabIndex?: number;
  readonly testId?: string;
  readonly ref?: Ref<HTMLInputElement>;
};

/** An amount that is shown as text and typed over when it has the focus. Scanner bursts never land here. */
export function AmountField(props: AmountFieldProps) {
  const { label, value, onCommit, onEnter, onLeave, onWrong, tabIndex, testId, ref } = props;
  /** What is being typed; null while the field only shows the value. */
  const [typed, setTyped] = useState<string | null>(null);

  const commit = (): boolean => {
    if (typed === null) return true;
    const amount = typed.trim() === '' ? undefined : parseAmount(typed);
    onWrong(amount === undefined);
    if (amount === undefined) return false;
    setTyped(null);
    if (amount !== value) onCommit(amount);
    return true;
  };
  const giveUp = (): void => {
    setTyped(null);
    onWrong(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      if (commit()) onEnter();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      event.stopPropagation();
      if (commit()) onLeave?.(event.key === 'ArrowUp' ? 'up' : 'down');
    } else if (event.key === 'Escape') {
      event.preventDefault();
      giveUp();
      onLeave?.('escape');
    } else if (/^F\d+$/.test(event.key) && !commit()) {
      event.preventDefault();
    }
  };

  return (
    <input
      ref={ref}
      className="amount-field"
      data-scan="amount"
      inputMode="decimal"
      autoComplete="off"
      aria-label={label}
      aria-invalid={typed !== null && typed.trim() !== '' && parseAmount(typed) === undefined}
      tabIndex={tabIndex}
      value={typed ?? formatAmount(value)}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={() => {
        if (!commit()) giveUp();
      }}
      onChange={(event) => setTyped(event.target.value.replace(/[^\d.,\s]/g, ''))}
      onKeyDown={onKeyDown}
      {...(testId === undefined ? {} : { 'data-testid': testId })}
    />
  );
}
