import { Label, Radio, RadioGroup } from 'react-aria-components';

type ChoiceProps<T extends string> = {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly text: string; readonly label?: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** Beside other things: the label is for screen readers only. */
  readonly compact?: boolean;
  /** Its label stands beside it already. */
  readonly bare?: boolean;
  readonly testId?: string;
};

/** One of a few: a row of segments, arrows move between them. */
export function Choice<T extends string>({
  label,
  options,
  value,
  onChange,
  compact = false,
  bare = compact,
  testId,
}: ChoiceProps<T>) {
  return (
    <RadioGroup
      className={`choice${compact ? ' choice-compact' : ''}`}
      value={value}
      orientation="horizontal"
      onChange={(chosen) => {
        const option = options.find(({ id }) => id === chosen);
        if (option) onChange(option.id);
      }}
      {...(bare ? { 'aria-label': label } : {})}
      {...(testId === undefined ? {} : { 'data-testid': testId })}
    >
      {bare ? null : <Label className="field-label">{label}</Label>}
      <div className="choice-row">
        {options.map((option) => (
          <Radio
            key={option.id}
            value={option.id}
            className="choice-option"
            {...(option.label === undefined ? {} : { 'aria-label': option.label })}
          >
            {option.text}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
