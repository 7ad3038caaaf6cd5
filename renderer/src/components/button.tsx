import type { ReactNode, Ref } from 'react';
import { Button as AriaButton } from 'react-aria-components';

type ButtonProps = {
  /** One per screen: the next thing. */
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly small?: boolean;
  /** The key that does the same, shown on the button. */
  readonly keyCap?: string;
  /** While this is so, the press has been taken and its answer is awaited. */
  readonly busy?: boolean;
  readonly submit?: boolean;
  readonly label?: string;
  readonly testId?: string;
  readonly onPress?: () => void;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
};

/** A button that shows its key. */
export function Button(props: ButtonProps) {
  const {
    primary,
    danger,
    small,
    keyCap,
    busy = false,
    submit,
    label,
    testId,
    onPress,
    children,
    ref,
  } = props;
  const kind = primary ? 'button-primary' : danger ? 'button-danger' : 'button-plain';
  return (
    <AriaButton
      ref={ref ?? null}
      className={`button ${kind}${small ? ' button-small' : ''}`}
      type={submit ? 'submit' : 'button'}
      isPending={busy}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(testId === undefined ? {} : { 'data-testid': testId })}
      {...(onPress === undefined ? {} : { onPress })}
    >
      <span className="button-text">{children}</span>
      {keyCap === undefined ? null : (
        <span className="button-key" aria-hidden="true">
          {keyCap}
        </span>
      )}
    </AriaButton>
  );
}
