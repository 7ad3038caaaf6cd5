import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { paymentStornoedSchema, type PaymentStornoed } from '../../../contracts/journal.ts';
import type { PaymentRow } from '../../../contracts/ipw.ts';
import { formatMoney } from '../../../contracts/money.ts';
import { ApprovalFields, missingApproval, NO_APPROVAL } from '../components/approval-fields.tsx';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { LiveWord } from '../components/live-word.tsx';
import { NoticeArea } from '../components/message.tsx';
import { Money } from '../components/money.tsx';
import { newId } from '../format/new-id.ts';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { notePrint } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';

const BACK = ['reversal', 'refund'] as const;
const REASONS = paymentStornoedSchema.shape.reason.options;

type StornoFormProps = {
  readonly payment: PaymentRow;
  /** Enter on the row was pressed: go to the first field. */
  readonly takeFocus: boolean;
  readonly onDone: (storno: PaymentStornoed) => void;
};

/** Why, and the supervisor's name and password. */
export function StornoForm({ payment, takeFocus, onDone }: StornoFormProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const form = useRef<HTMLFormElement>(null);
  // Minted once per payment chosen: pressing again after a lost answer is the same storno.
  const [stornoId] = useState(newId);
  const [reason, setReason] = useState<PaymentStornoed['reason']>('wrongAmount');
  const [note, setNote] = useState('');
  const [approval, setApproval] = useState(NO_APPROVAL);
  const [cardBack, setCardBack] = useState<'reversal' | 'refund'>('reversal');
  const [tried, setTried] = useState(false);
  const { busy, run } = useAction({ stay: true });
  useEffect(() => {
    if (takeFocus) form.current?.querySelector<HTMLElement>('input:checked')?.focus();
  }, [takeFocus]);

  const noteMissing = reason === 'other' && note.trim() === '';
  const make = (): void => {
    setTried(true);
    const missing = noteMissing ? 'storno-note' : missingApproval(approval);
    if (missing !== null) {
      form.current?.querySelector<HTMLElement>(`[data-testid="${missing}"]`)?.focus();
      return;
    }
    const { paymentId } = payment;
    run(
      () => client['storno.make']({ stornoId, paymentId, reason, note, cardBack, ...approval }),
      ({ storno, print }) => {
        notePrint({ paymentId: storno.stornoId, ...print });
        onDone(storno);
      },
      ({ code }) => {
        setApproval({ ...approval, password: '' });
        // The terminal will not reverse it: what is left is a refund, for which the card is needed.
        if (code === 'cardReversalDeclined') setCardBack('refund');
      },
    );
  };
  useKeys({ F2: make });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make();
  };

  return (
    <form className="storno-form" ref={form} onSubmit={submit} aria-label={t('storno.title')}>
      <header className="storno-what">
        <div>
          <strong>{payment.receiptNo}</strong>
          <span className="quiet">{payment.payerName ?? payment.accounts.join(', ')}</span>
        </div>
        <Money amount={payment.total} className="amount" />
      </header>
      <Choice
        label={t('storno.reason')}
        options={REASONS.map((id) => ({ id, text: t(`storno.reasons.${id}`) }))}
        value={reason}
        onChange={setReason}
        testId="storno-reason"
      />
      <Field
        label={t('storno.note')}
        value={note}
        onChange={setNote}
        maxLength={300}
        problem={tried && noteMissing ? t('storno.noteNeeded') : undefined}
        testId="storno-note"
      />
      {payment.byCard > 0 ? (
        <Choice
          label={t('cards.stornoHow', { amount: formatMoney(payment.byCard) })}
          options={BACK.map((id) => ({
            id,
            text: t(id === 'reversal' ? 'cards.stornoReverse' : 'cards.stornoRefund'),
          }))}
          value={cardBack}
          onChange={setCardBack}
          testId="card-back"
        />
      ) : null}
      <ApprovalFields value={approval} onChange={setApproval} />
      {payment.byCard > 0 && busy ? (
        <p className="card-live" aria-live="polite" data-testid="live-word">
          <LiveWord />
        </p>
      ) : (
        <NoticeArea />
      )}
      <Button primary submit keyCap="F2" busy={busy} testId="storno-make">
        {busy ? t('storno.making') : t('storno.make')}
      </Button>
    </form>
  );
}
