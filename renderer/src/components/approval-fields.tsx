import { useTranslation } from 'react-i18next';
import { Field } from './field.tsx';

export type Approval = { readonly supervisor: string; readonly password: string };
export const NO_APPROVAL: Approval = { supervisor: '', password: '' };

/** The test id of the first field that is still empty; null when a supervisor has signed. */
export const missingApproval = ({ supervisor, password }: Approval): string | null =>
  supervisor.trim() === '' ? 'supervisor' : password === '' ? 'supervisor-password' : null;

/** A supervisor's name and password beside the teller. */
export function ApprovalFields({
  value,
  onChange,
}: {
  readonly value: Approval;
  readonly onChange: (value: Approval) => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className="storno-approval">
      <legend>{t('storno.approval')}</legend>
      <Field
        label={t('storno.supervisor')}
        value={value.supervisor}
        onChange={(supervisor) => onChange({ ...value, supervisor })}
        maxLength={60}
        testId="supervisor"
      />
      <Field
        label={t('storno.password')}
        value={value.password}
        onChange={(password) => onChange({ ...value, password })}
        type="password"
        maxLength={200}
        testId="supervisor-password"
      />
    </fieldset>
  );
}
