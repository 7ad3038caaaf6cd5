import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { CounterState } from '../../../../contracts/ipw.ts';
import {
  formatAmount,
  formatMoney,
  parseAmount,
  qepik,
  ZERO,
  type Qepik,
} from '../../../../contracts/money.ts';
import { posReasonText } from '../../../../contracts/pos-reasons.ts';
import { combine, worth, type Pieces } from '../../../../contracts/rules/denominations.ts';
import { Button } from '../../components/button.tsx';
import { Message, NoticeArea, useLanguage } from '../../components/message.tsx';
import { LoadOfLine } from '../../components/load-of-line.tsx';
import { Money } from '../../components/money.tsx';
import { PieceNotes } from '../../components/piece-notes.tsx';
import { pieceName } from '../../format/pieces-text.ts';
import { proposedCash } from '../../format/proposals.ts';
import { useHint } from '../../components/use-hint.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { hush, notePrint, say, tell } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { PROPOSAL_KEYS } from '../../keyboard/key-map.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';
import { useScanAtCounter } from './use-scan-at-counter.ts';
import { useCard } from './use-card.ts';
import { useChangeQuote } from './use-change-quote.ts';
import { useMoneyStopped } from './use-money-stopped.ts';
import { useNoTerminal } from './use-no-terminal.ts';

const NOTES = [100, 500, 1000, 2000, 5000, 10_000, 20_000] as const;

/** Cash: Enter alone is the exact sum; a sum typed, proposed, or counted note by note gives the change by pieces. */
export function TenderView({ counter }: { readonly counter: CounterState }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const field = useRef<HTMLInputElement>(null);
  useHome(field);
  const accepting = useAction();
  const going = useAction();
  const stopped = useMoneyStopped();
  // Cash given for a part stays in the teller's hand when the card is refused, and in the field.
  const [typed, setTyped] = useState(() => heldText(counter));
  const [given, setGiven] = useState<Pieces>([]);

  const { total } = counter;
  const counted = given.length > 0;
  // An empty field is the exact sum, but not behind a card that was refused: nobody has said that there is cash.
  const emptyMeans = counter.cardRefused === null ? total : ZERO;
  const received = counted ? worth(given) : typed.trim() === '' ? emptyMeans : parseAmount(typed);
  const enough = received !== undefined && received >= total;
  const change = enough ? qepik(received - total) : ZERO;
  const pieces = useChangeQuote(total, enough ? received : undefined, given);
  const proposals = proposedCash(total);
  const cash =
    (counted || typed.trim() !== '') && received !== undefined && received > 0
      ? { received, pieces: counted ? given : null }
      : null;
  const card = useCard(counter, cash);
  const noTerminal = useNoTerminal();

  // What was said about another sum is not said about this one.
  const type = (text: string): void => {
    hush();
    setGiven([]);
    setTyped(text.replace(/[^\d.,\s]/g, ''));
  };
  const take = (sum: Qepik): void => {
    hush();
    setGiven([]);
    setTyped(formatAmount(sum));
    field.current?.focus();
  };
  const accept = (): void => {
    if (stopped !== null) return say(stopped.tone, stopped.text);
    // A key meant for the card just tried must not become cash that nobody gave: it is typed or counted first.
    if (counter.cardRefused !== null && cash === null) return say('warning', t('cards.countCash'));
    if (received === undefined) return say('warning', t('counter.amountWrong'));
    if (!enough) return tell({ code: 'tenderTooSmall', detail: { missing: total - received } });
    const { paymentId, revision } = counter;
    accepting.run(
      () =>
        client['basket.accept']({
          paymentId,
          revision,
          received,
          receivedPieces: counted ? [...given] : null,
        }),
      ({ print }) => notePrint({ paymentId, ...print }),
    );
  };
  const back = (): void => going.run(() => client['basket.tender']({ back: true }));

  const onKeyDown = (event: KeyboardEvent): void => {
    const proposal = proposals[PROPOSAL_KEYS.findIndex((key) => key === event.key)];
    if (event.key === 'Enter') {
      if (!event.repeat) accept();
    } else if (proposal !== undefined) take(proposal);
    else return;
    event.preventDefault();
  };
  useKeys({
    F2: accept,
    F4: () => (card === null ? noTerminal() : card.charge()),
    Escape: back,
    Enter: accept,
  });
  useHint(t('keys.tenderHint'));
  useScans(useScanAtCounter());

  return (
    <main className="tender">
      <TenderLines counter={counter} />
      <section className="tender-money panel" aria-label={t('tender.title')}>
        <div className="tender-sums">
          <div>
            <span className="quiet">{t('tender.toPay')}</span>
            <Money amount={total} className="huge" testId="to-pay" />
          </div>
          <label className="tender-received">
            <span className="quiet">{t('tender.received')}</span>
            <span className="amount-box amount-box-huge">
              <input
                ref={field}
                className="amount-field"
                data-testid="received"
                data-scan="amount"
                inputMode="decimal"
                autoComplete="off"
                aria-describedby="received-hint"
                placeholder={formatAmount(emptyMeans)}
                value={counted ? formatAmount(worth(given)) : typed}
                onChange={(event) => type(event.target.value)}
                onKeyDown={onKeyDown}
              />
              <span aria-hidden="true">₼</span>
            </span>
            <span className="quiet" id="received-hint">
              {t(counter.cardRefused === null ? 'tender.receivedHint' : 'cards.countCash')}
            </span>
          </label>
        </div>
        <div className="tender-quick">
          {proposals.length === 0 ? null : (
            <div role="group" aria-label={t('tender.proposals')} className="tender-proposals">
              <span className="quiet tender-label" aria-hidden="true">
                {t('tender.proposals')}
              </span>
              {proposals.map((sum, index) => (
                <Button
                  key={sum}
                  keyCap={PROPOSAL_KEYS[index] ?? ''}
                  onPress={() => take(sum)}
                  testId="proposal"
                >
                  {formatMoney(sum).replace(',00', '')}
                </Button>
              ))}
            </div>
          )}
          <div role="group" aria-label={t('tender.notes')} className="tender-notes">
            <span className="quiet tender-label" aria-hidden="true">
              {t('tender.notes')}
            </span>
            {NOTES.map((note) => {
              const count = given.find((piece) => piece.denomination === note)?.count ?? 0;
              return (
                <Button
                  key={note}
                  small
                  label={t('tender.addNote', { note: pieceName(note, t('pieces.coin')) })}
                  testId={`note-${note}`}
                  onPress={() => {
                    hush();
                    setGiven(combine(given, [{ denomination: note, count: 1 }]));
                    field.current?.focus();
                  }}
                >
                  {pieceName(note, t('pieces.coin'))}
                  {count > 0 ? <span className="note-count"> ×{count}</span> : null}
                </Button>
              );
            })}
            {counted ? (
              <Button small onPress={() => type('')} testId="notes-clear">
                {t('tender.clearNotes')}
              </Button>
            ) : null}
          </div>
        </div>
        <div className="tender-outcome" aria-live="polite">
          {!enough ? (
            <div className="change change-missing" data-testid="missing">
              <span>{received === undefined ? t('counter.amountWrong') : t('tender.missing')}</span>
              {received === undefined ? null : (
                <Money amount={qepik(total - received)} className="change-amount" />
              )}
            </div>
          ) : change > 0 ? (
            <div className="change" data-testid="change">
              <span>{t('tender.change')}</span>
              <Money amount={change} className="change-amount" testId="change-amount" />
              {pieces ? (
                <>
                  <PieceNotes pieces={pieces} />
                  <span className="change-drawer">{t('tender.inDrawer')}</span>
                </>
              ) : null}
            </div>
          ) : (
            <div className="change change-none" data-testid="no-change">
              <span>{t('tender.exact')}</span>
              <span className="change-amount">{t('tender.noChange')}</span>
            </div>
          )}
          {counter.cardRefused === null ? null : <CardRefused refused={counter.cardRefused} />}
          {card === null || card.why === null ? null : (
            <p className="quiet" data-testid="card-not-ready">
              {card.why}
            </p>
          )}
          {pieces === null ? (
            <Message
              tone="warning"
              testId="drawer-short"
              text={t('tender.drawerShort', { amount: formatMoney(change) })}
              next={t('tender.drawerShortNext')}
            />
          ) : null}
          <NoticeArea />
        </div>
        <div className="tender-next">
          <Button onPress={back} keyCap="Esc" testId="back-to-basket">
            {t('tender.backToBasket')}
          </Button>
          {card === null || card.why !== null || stopped !== null ? null : (
            <Button keyCap="F4" onPress={card.charge} busy={card.busy} testId="pay-by-card">
              {card.text}
            </Button>
          )}
          {stopped === null ? (
            <Button primary onPress={accept} keyCap="Enter" busy={accepting.busy} testId="accept">
              {accepting.busy ? t('tender.accepting') : t('tender.accept')}
            </Button>
          ) : (
            <Message tone={stopped.tone} text={stopped.text} testId="money-stopped" />
          )}
        </div>
      </section>
    </main>
  );
}

const heldText = ({ cardRefused }: CounterState): string =>
  cardRefused !== null && cardRefused.cashHeld > 0 ? formatAmount(cardRefused.cashHeld) : '';

/** Why the card just tried was not charged, and what becomes of the cash already in the teller's hand. */
function CardRefused({ refused }: { readonly refused: NonNullable<CounterState['cardRefused']> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Message
      tone="warning"
      testId="card-refused"
      text={t('cards.refused', { reason: posReasonText(refused.reason, language) })}
      next={
        refused.cashHeld > 0
          ? t('cards.refusedHeld', { cash: formatMoney(refused.cashHeld) })
          : t('cards.refusedNext')
      }
    />
  );
}

function TenderLines({ counter }: { readonly counter: CounterState }) {
  const { t } = useTranslation();
  return (
    <section className="tender-lines panel" aria-label={t('tender.lines')}>
      <h1>{t('tender.title')}</h1>
      <ul className="basket-lines">
        {counter.lines.map((line) => (
          <li key={line.lineId} className="basket-line">
            <span className="basket-what">
              {line.billerName}
              <small>
                {line.account} · {line.holder}
              </small>
              <LoadOfLine line={line} />
            </span>
            <span className="number">{formatAmount(line.amount)}</span>
          </li>
        ))}
        <li className="basket-line basket-fees">
          <span>{t('counter.fees')}</span>
          <span className="number">{formatAmount(counter.fees)}</span>
        </li>
        <li className="basket-line basket-sum">
          <span>{t('counter.toPayTotal')}</span>
          <Money amount={counter.total} />
        </li>
      </ul>
    </section>
  );
}
