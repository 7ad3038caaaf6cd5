import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatRegistrationCode } from '../../../../contracts/rules/damm.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { typedCode } from '../counter/typed-code.ts';

/** Opens a registered subscriber by the code; its check digit is judged while it is typed. */
export function OpenByCode({ onOpen }: { readonly onOpen: (code: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const kind = typedCode(text);
  const digits = text.replace(/\D/g, '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (kind === 'code') onOpen(text);
  };
  return (
    <form className="panel open-by-code" onSubmit={submit}>
      <Field
        label={t('subscriber.find')}
        value={text}
        onChange={(typed) => setText(/^\d{10}$/.test(typed) ? formatRegistrationCode(typed) : typed)}
        maxLength={20}
        hint={kind === 'code' ? t('find.codeOk') : t('subscriber.findHint')}
        problem={kind === 'codeDamaged' || digits.length > 10 ? t('find.codeBad') : undefined}
        testId="open-code"
      />
      <Button submit testId="open-subscriber">
        {t('subscriber.open')}
      </Button>
    </form>
  );
}
