import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PaymentStornoed } from '../../../contracts/journal.ts';
import type { PaymentRow } from '../../../contracts/ipw.ts';
import { parseReceiptCode } from '../../../contracts/rules/receipt-code.ts';
import { NoticeArea } from '../components/message.tsx';
import { PaymentList, type PaymentListHandle } from '../components/payment-list.tsx';
import { SearchField } from '../components/search-field.tsx';
import { usePayments } from '../components/use-payments.ts';
import { useHint } from '../components/use-hint.ts';
import { goTo } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { useScans } from '../keyboard/scans.ts';
import { StornoDone } from './storno-done.tsx';
import { StornoForm } from './storno-form.tsx';

/** F8: cancels a payment of one's own shift: choose it, say why, a supervisor approves. */
export function StornoScreen() {
  const { t } = useTranslation();
  const list = useRef<PaymentListHandle>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<PaymentRow | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const [done, setDone] = useState<PaymentStornoed | null>(null);
  const { rows } = usePayments(text);
  const allowed = rows?.filter((row) => row.stornoAllowed) ?? null;
  const row = allowed?.find((one) => one.paymentId === chosen?.paymentId) ?? null;

  const back = (): void => {
    if (confirmed) setConfirmed(false);
    else goTo('counter');
  };
  useKeys({ Escape: back });
  useHint(t('keys.listHint'));
  useScans((scanned) => setText(parseReceiptCode(scanned)?.facts.receiptNo ?? scanned));
  const startAgain = (): void => {
    setDone(null);
    setChosen(null);
    setConfirmed(false);
  };
  if (done !== null) return <StornoDone storno={done} onNext={startAgain} />;

  return (
    <main className="list-screen">
      <section className="panel list-panel" aria-label={t('storno.title')}>
        <header className="list-head">
          <h1>{t('storno.title')}</h1>
          <SearchField
            label={t('receipts.search')}
            hint={t('receipts.searchHint')}
            value={text}
            onChange={setText}
            onDown={() => list.current?.focusFirst()}
            onEnter={() => list.current?.focusFirst()}
            testId="storno-search"
          />
        </header>
        {row !== null && confirmed ? null : <NoticeArea />}
        {allowed === null ? (
          <p className="quiet list-none">{t('app.loading')}</p>
        ) : allowed.length === 0 ? (
          <p className="quiet list-none">{t('storno.none')}</p>
        ) : (
          <PaymentList
            ref={list}
            rows={allowed}
            chosen={row?.paymentId ?? null}
            onChoose={(one) => {
              setChosen(one);
              setConfirmed(false);
            }}
            onConfirm={(one) => {
              setChosen(one);
              setConfirmed(true);
            }}
          />
        )}
      </section>
      <aside className="panel storno-side">
        {row === null ? (
          <div className="storno-lead">
            <h2>{t('storno.choose')}</h2>
            <p className="quiet">{t('storno.lead')}</p>
          </div>
        ) : (
          <StornoForm key={row.paymentId} payment={row} takeFocus={confirmed} onDone={setDone} />
        )}
      </aside>
    </main>
  );
}
