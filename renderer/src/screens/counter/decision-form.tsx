import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosAttemptView } from '../../../../contracts/ipw.ts';
import { ApprovalFields, missingApproval, NO_APPROVAL } from '../../components/approval-fields.tsx';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Field } from '../../components/field.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { useKeys } from '../../keyboard/key-layers.ts';

const DECISIONS = ['otherTender', 'manual'] as const;

/** A supervisor's word on what nobody can find out now, with what each choice does. */
export function DecisionForm({
  attempt,
  onBack,
}: {
  readonly attempt: PosAttemptView;
  readonly onBack: () => void;
}) {
  const { t } = useTranslation();
  const { client } = useHost();
  const form = useRef<HTMLFormElement>(null);
  const able = attempt.kind === 'sale' && !attempt.decided ? DECISIONS : (['manual'] as const);
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]>(able[0]);
  const [note, setNote] = useState('');
  const [approval, setApproval] = useState(NO_APPROVAL);
  const { busy, run } = useAction({ stay: true });
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input:checked')?.focus();
  }, []);
  const make = (): void => {
    const missing = note.trim().length < 3 ? 'decision-note' : missingApproval(approval);
    if (missing !== null) {
      form.current?.querySelector<HTMLElement>(`[data-testid="${missing}"]`)?.focus();
      return;
    }
    const { attemptId } = attempt;
    run(
      () => client['card.decide']({ attemptId, decision, note, ...approval }),
      onBack,
      () => setApproval({ ...approval, password: '' }),
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make();
  };
  useKeys({ F2: make, Enter: make, Escape: onBack });
  return (
    <form ref={form} className="storno-form" onSubmit={submit} aria-label={t('cards.decision')}>
      <Choice
        label={t('cards.decision')}
        options={able.map((id) => ({ id, text: t(`cards.decisions.${id}`) }))}
        value={decision}
        onChange={setDecision}
        testId="decision"
      />
      <p className="quiet">{t(`cards.decisionWhy.${decision}`)}</p>
      <Field
        label={t('cards.decisionNote')}
        value={note}
        onChange={setNote}
        maxLength={300}
        testId="decision-note"
      />
      <ApprovalFields value={approval} onChange={setApproval} />
      <NoticeArea />
      <div className="button-row">
        <Button keyCap="Esc" onPress={onBack}>
          {t('cards.back')}
        </Button>
        <Button primary submit keyCap="F2" busy={busy} testId="decision-make">
          {t('cards.decisionMake')}
        </Button>
      </div>
    </form>
  );
}
