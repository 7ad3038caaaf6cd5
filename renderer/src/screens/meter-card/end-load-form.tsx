import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { ApprovalFields, missingApproval, NO_APPROVAL } from '../../components/approval-fields.tsx';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Field } from '../../components/field.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { say } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';

export type EndKind = 'cancel' | 'writeOff';

const REASONS = ['cardLost', 'cardDestroyed', 'memoryCard', 'cardBlocked'] as const;
const NOTE_MIN = 3;

type EndLoadFormProps = {
  readonly load: LoadAtTill;
  readonly kind: EndKind;
  readonly onBack: () => void;
  readonly onDone: () => void;
};

/** A supervisor ends a load that was not written: by the card's own evidence, or because nobody can ask the card any more. */
export function EndLoadForm({ load, kind, onBack, onDone }: EndLoadFormProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const [reason, setReason] = useState<(typeof REASONS)[number]>('cardLost');
  const [note, setNote] = useState('');
  const [approval, setApproval] = useState(NO_APPROVAL);
  const { busy, run } = useAction({ stay: true });
  useHome(first);
  const cancelling = kind === 'cancel';

  const make = (): void => {
    const missing = note.trim().length < NOTE_MIN ? 'end-note' : missingApproval(approval);
    if (missing !== null) {
      form.current?.querySelector<HTMLElement>(`[data-testid="${missing}"]`)?.focus();
      return;
    }
    const { loadId } = load;
    const shared = { loadId, note, ...approval };
    run<unknown>(
      () => (cancelling ? client['load.cancel'](shared) : client['load.writeOff']({ ...shared, reason })),
      () => {
        onDone();
        say(
          'ok',
          t(cancelling ? 'meterCard.end.cancelled' : 'meterCard.end.writtenOff'),
          t('meterCard.end.endedNext', { no: load.receiptNo ?? t('meterCard.loads.elsewhere') }),
        );
      },
      () => setApproval({ ...approval, password: '' }),
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make();
  };
  useKeys({ F2: make, Enter: make, Escape: onBack });

  return (
    <form
      ref={form}
      className="storno-form"
      onSubmit={submit}
      aria-labelledby="end-load-title"
      data-testid="end-load"
      data-kind={kind}
    >
      <header className="storno-what">
        <h2 id="end-load-title">
          {t(cancelling ? 'meterCard.end.cancelTitle' : 'meterCard.end.writeOffTitle')}
        </h2>
        <strong className="nowrap">{formatUnits(load.units, load.unit, language)}</strong>
      </header>
      <p className="quiet">{t(cancelling ? 'meterCard.end.cancelWhy' : 'meterCard.end.writeOffWhy')}</p>
      {cancelling ? null : (
        <Choice
          label={t('meterCard.end.reason')}
          options={REASONS.map((id) => ({ id, text: t(`meterCard.end.reasons.${id}`) }))}
          value={reason}
          onChange={setReason}
          testId="end-reason"
        />
      )}
      <Field
        ref={first}
        label={t('meterCard.end.note')}
        value={note}
        onChange={setNote}
        maxLength={300}
        testId="end-note"
      />
      <ApprovalFields value={approval} onChange={setApproval} />
      <NoticeArea />
      <div className="card-next">
        <Button keyCap="Esc" onPress={onBack} testId="end-back">
          {t('meterCard.end.back')}
        </Button>
        <Button primary submit keyCap="F2" busy={busy} testId="end-make">
          {t(cancelling ? 'meterCard.end.cancelMake' : 'meterCard.end.writeOffMake')}
        </Button>
      </div>
    </form>
  );
}
