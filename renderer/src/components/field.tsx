import type { InputHTMLAttributes, Ref } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components';

type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What is wrong with it, in words; absent when nothing is. */
  readonly problem?: string | undefined;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly type?: 'text' | 'password' | 'email' | 'tel' | 'url';
  readonly autoComplete?: InputHTMLAttributes<HTMLInputElement>['autoComplete'];
  readonly required?: boolean;
  readonly lines?: number;
  readonly maxLength?: number;
  readonly testId?: string;
  readonly ref?: Ref<HTMLInputElement>;
};

/** A labelled text field with its hint and what is wrong below it. */
export function Field(props: FieldProps) {
  const {
    label,
    value,
    onChange,
    problem,
    hint,
    placeholder,
    type = 'text',
    lines,
    maxLength,
    testId,
    ref,
  } = props;
  const shared = {
    className: 'field-input',
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(testId === undefined ? {} : { 'data-testid': testId }),
  };
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      type={type}
      isInvalid={problem !== undefined}
      isRequired={props.required ?? false}
      validationBehavior="aria"
      autoComplete={props.autoComplete ?? 'off'}
      {...(maxLength === undefined ? {} : { maxLength })}
    >
      <Label className="field-label">{label}</Label>
      {lines === undefined ? <Input ref={ref ?? null} {...shared} /> : <TextArea rows={lines} {...shared} />}
      {hint === undefined || problem !== undefined ? null : (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-problem">{problem}</FieldError>
    </TextField>
  );
}
