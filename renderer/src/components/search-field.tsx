import { useRef, type KeyboardEvent } from 'react';
import { useHome } from '../keyboard/focus-home.ts';

type SearchFieldProps = {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onDown: () => void;
  readonly onEnter: () => void;
  readonly testId: string;
};

/** The search field of a list: has the focus by default, arrow down goes into the list. */
export function SearchField({ label, hint, value, onChange, onDown, onEnter, testId }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useHome(field);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') onDown();
    else if (event.key === 'Enter') onEnter();
    else if (event.key === 'Escape' && value !== '') onChange('');
    else return;
    event.preventDefault();
  };
  return (
    <input
      ref={field}
      className="field-input search-field"
      data-scan="find"
      data-testid={testId}
      type="text"
      aria-label={label}
      placeholder={hint}
      autoComplete="off"
      spellCheck={false}
      maxLength={100}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
