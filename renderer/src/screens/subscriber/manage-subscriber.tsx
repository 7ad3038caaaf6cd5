import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoundAccount, Subscriber } from '../../../../contracts/domain.ts';
import { printerReasonText } from '../../../../contracts/printer-reasons.ts';
import type { ReceiptDocument } from '../../../../contracts/receipt.ts';
import { parseBillCode } from '../../../../contracts/rules/bill-code.ts';
import { formatRegistrationCode } from '../../../../contracts/rules/damm.ts';
import { Button } from '../../components/button.tsx';
import { Dialogue } from '../../components/dialogue.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { PaperWell } from '../../components/paper-well.tsx';
import { ReceiptPaper } from '../../components/receipt-paper.tsx';
import { savePdf } from '../../components/save-file.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, say, tell } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';
import { AccountAdder } from './account-adder.tsx';
import { BoundAccounts } from './bound-accounts.tsx';

type ManageProps = {
  readonly subscriber: Subscriber;
  /** Just registered here: the code is the news. */
  readonly fresh: boolean;
  readonly onOpen: (text: string) => void;
  readonly onOther: () => void;
};

type Card = { readonly document: ReceiptDocument; readonly pdfBase64: string };

/** A subscriber with the accounts on the code: bind, unbind, print the card. */
export function ManageSubscriber({ subscriber, fresh, onOpen, onOther }: ManageProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const billers = useHostState((state) => state.billers);
  const language = useLanguage();
  const pay = useRef<HTMLButtonElement>(null);
  useHome(pay);
  const binding = useAction();
  const printing = useAction();
  const [unbinding, setUnbinding] = useState<BoundAccount | null>(null);
  const [card, setCard] = useState<Card | null>(null);
  const { code } = subscriber;
  const [carded, setCarded] = useState(false);
  const cardFirst = fresh && !carded;
  const words = (account: BoundAccount) => ({
    company: billers.get(account.billerId)?.name ?? '',
    account: account.account,
  });

  const bind = (account: BoundAccount): void =>
    binding.run(
      () => client['subscriber.bind']({ code, account }),
      () => say('ok', t('subscriber.bound', words(account))),
    );
  const unbind = (bound: BoundAccount): void => {
    setUnbinding(null);
    const { billerId, account } = bound;
    binding.run(
      () => client['subscriber.unbind']({ code, billerId, account }),
      () => say('ok', t('subscriber.unbound', words(bound))),
    );
  };
  const printCard = (): void =>
    printing.run(
      () => client['subscriber.card']({ code }),
      ({ document, pdfBase64, print }) => {
        setCard({ document, pdfBase64 });
        setCarded(true);
        if (print.printed) say('ok', t('subscriber.cardPrinted'));
        else
          say(
            'quiet',
            t('subscriber.cardNotPrinted', { reason: printerReasonText(print.reason ?? 'notSet', language) }),
          );
      },
    );
  const goPay = (): void => goTo('counter');
  useKeys({ F2: cardFirst ? printCard : goPay });
  useScans((text) => {
    const bill = parseBillCode(text);
    if (bill === undefined) return onOpen(text);
    if (bill === 'damaged') return tell({ code: 'codeDamaged' });
    const biller = [...billers.values()].find((one) => one.number === bill.billerNo);
    if (!biller) return tell({ code: 'billerUnknown' });
    bind({ billerId: biller.id, account: bill.account, label: '' });
  });

  return (
    <main className="subscriber">
      <section className="panel subscriber-person">
        <header className="subscriber-head">
          <span className="quiet">{t('counter.registrationCode')}</span>
          <span className="subscriber-code" data-testid="subscriber-code">
            {formatRegistrationCode(code)}
          </span>
          {cardFirst ? <p className="ok-text">{t('subscriber.registeredNext')}</p> : null}
        </header>
        <dl className="facts">
          <div>
            <dt>{t('subscriber.name')}</dt>
            <dd>{subscriber.name}</dd>
          </div>
          <div>
            <dt>{t('subscriber.address')}</dt>
            <dd>{subscriber.address || '—'}</dd>
          </div>
          <div>
            <dt>{t('subscriber.phone')}</dt>
            <dd>{subscriber.phone ?? '—'}</dd>
          </div>
          <div>
            <dt>{t('subscriber.email')}</dt>
            <dd>{subscriber.email ?? '—'}</dd>
          </div>
          <div>
            <dt>{t('subscriber.language')}</dt>
            <dd>{t(`app.languages.${subscriber.language}`)}</dd>
          </div>
        </dl>
        <NoticeArea />
        <div className="panel-foot">
          <Button onPress={onOther} testId="other-subscriber">
            {t('subscriber.other')}
          </Button>
          <Button
            onPress={printCard}
            busy={printing.busy}
            primary={cardFirst}
            {...(cardFirst ? { keyCap: 'F2' } : {})}
            testId="print-card"
          >
            {t('subscriber.card')}
          </Button>
          <Button
            ref={pay}
            onPress={goPay}
            primary={!cardFirst}
            {...(cardFirst ? {} : { keyCap: 'F2' })}
            testId="go-pay"
          >
            {t('subscriber.pay')}
          </Button>
        </div>
      </section>
      <div className="subscriber-side">
        {card === null ? (
          <section className="panel subscriber-accounts">
            <h2>{t('subscriber.accounts')}</h2>
            <BoundAccounts
              accounts={subscriber.accounts}
              removeWord={t('subscriber.unbindDo')}
              removeText={(company, account) => t('subscriber.unbind', { company, account })}
              onRemove={setUnbinding}
            />
            <AccountAdder action={t('subscriber.bind')} busy={binding.busy} onAdd={bind} />
          </section>
        ) : (
          <>
            <PaperWell label={t('subscriber.cardTitle')}>
              <ReceiptPaper document={card.document} label={t('subscriber.cardTitle')} />
            </PaperWell>
            <div className="card-actions">
              <Button onPress={() => setCard(null)}>{t('subscriber.cardAway')}</Button>
              <Button onPress={() => savePdf(window, card.pdfBase64, `card-${code}`)} testId="card-pdf">
                {t('subscriber.cardPdf')}
              </Button>
            </div>
          </>
        )}
      </div>
      {unbinding === null ? null : (
        <Dialogue
          title={t('subscriber.unbindAsk', words(unbinding))}
          action={t('subscriber.unbindDo')}
          onAct={() => unbind(unbinding)}
          onClose={() => setUnbinding(null)}
        />
      )}
    </main>
  );
}
