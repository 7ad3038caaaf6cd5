import { useTranslation } from 'react-i18next';
import type { CardInReader, LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Chip } from '../../components/chip.tsx';
import { useLanguage } from '../../components/message.tsx';
import { useNow } from '../../components/use-now.ts';
import { cardNumber } from '../../format/tariff.ts';
import { shortMoment } from '../../format/moments.ts';
import { isBefore } from './card-case.ts';

type Known = CardInReader & { readonly identity: NonNullable<CardInReader['identity']> };

/** The card as its holder knows it, what the centre warns of, and what card and meter hold. */
export function CardSide({
  card,
  load,
}: {
  readonly card: CardInReader | null;
  /** The load in front of the teller. */
  readonly load: LoadAtTill | null;
}) {
  const told = card !== null && card.balance !== null && !isBefore(card, load);
  return (
    <div className="meter-side">
      {card && isKnown(card) ? (
        <>
          <CardFace card={card} />
          {told ? (
            <>
              <Warnings card={card} load={load} />
              <CardFacts card={card} />
            </>
          ) : null}
        </>
      ) : (
        <EmptyFace virtual={card?.virtual ?? false} />
      )}
    </div>
  );
}

const isKnown = (card: CardInReader): card is Known => card.identity !== null;

function EmptyFace({ virtual }: { readonly virtual: boolean }) {
  const { t } = useTranslation();
  return (
    <section className="meter-face meter-face-empty" aria-hidden="true">
      <span className="meter-chip" />
      {virtual ? <strong>{t('meterCard.virtual')}</strong> : null}
    </section>
  );
}

function CardFace({ card }: { readonly card: Known }) {
  const { t } = useTranslation();
  const { identity, centre, virtual } = card;
  return (
    <section className="meter-face" aria-label={t('meterCard.title')} data-testid="meter-card">
      <div className="meter-face-row">
        <strong data-testid="card-company">{identity.billerName}</strong>
        <span>
          {virtual ? (
            <strong className="meter-virtual" data-testid="card-virtual">
              {t('meterCard.virtual')}
            </strong>
          ) : null}{' '}
          <span data-testid="card-class">{t('meterCard.cardClass', { letter: identity.cardClass })}</span>
        </span>
      </div>
      <div
        className="meter-number"
        data-testid="card-number"
        aria-label={t('meterCard.cardNumber', { card: cardNumber(identity.cardId) })}
      >
        {cardNumber(identity.cardId)}
      </div>
      <div className="meter-face-row">
        <span data-testid="card-holder">
          {centre?.card.holder || '—'}
          {centre ? <small>{centre.card.account}</small> : null}
        </span>
        <span data-testid="card-meter">{t('meterCard.meter', { meter: identity.meter })}</span>
      </div>
    </section>
  );
}

const TONES = {
  tamper: 'bad',
  shutOff: 'bad',
  meterDiffers: 'bad',
  loadStornoed: 'bad',
  previousLoadNotTaken: 'warning',
  meterDoesNotKnowCard: 'warning',
  batteryLow: 'warning',
  creditOwed: 'quiet',
} as const;

/** In the centre's order, which is worst first. The load just made is not one that the meter ought to have taken. */
function Warnings({ card, load }: { readonly card: Known; readonly load: LoadAtTill | null }) {
  const { t } = useTranslation();
  const justMade = load !== null && card.centre?.card.last?.loadId === load.loadId;
  const warnings = (card.centre?.warnings ?? []).filter(
    (warning) => !(justMade && warning === 'previousLoadNotTaken'),
  );
  if (warnings.length === 0) return null;
  return (
    <ul className="meter-warnings" aria-label={t('meterCard.warningsTitle')} data-testid="card-warnings">
      {warnings.map((warning) => (
        <li
          key={warning}
          className={`meter-warning meter-warning-${TONES[warning]}`}
          data-testid="card-warning"
          data-warning={warning}
        >
          {t(`meterCard.warnings.${warning}`)}
        </li>
      ))}
    </ul>
  );
}

function CardFacts({ card }: { readonly card: Known }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  const { identity, balance, counter, meterArea, centre } = card;
  const units = (count: number): string => formatUnits(count, identity.unit, language);
  const last = centre?.card.last ?? null;
  const credit = centre?.rules?.creditOwed ?? null;
  const wrote = meterArea !== null && meterArea.writtenAt !== null;
  return (
    <section className="panel meter-facts" aria-label={t('meterCard.facts.title')}>
      {centre === null && balance !== null ? <Chip tone="warning">{t('meterCard.here.ownWord')}</Chip> : null}
      <dl className="facts">
        {balance === null ? null : (
          <Fact name={t('meterCard.facts.balance')} value={units(balance)} testId="fact-balance" />
        )}
        {wrote ? (
          <Fact
            name={`${t('meterCard.facts.remaining')} (${shortMoment(meterArea.writtenAt ?? '', now)})`}
            value={units(meterArea.remaining)}
            testId="fact-remaining"
          />
        ) : null}
        {centre === null ? null : (
          <Fact
            name={t('meterCard.facts.last')}
            value={
              last === null
                ? t('meterCard.facts.never')
                : `${units(last.units)} · ${t(
                    wrote && counter !== null && meterArea.takenThrough >= counter
                      ? 'meterCard.facts.taken'
                      : 'meterCard.facts.notTaken',
                  )}`
            }
            testId="fact-last"
          />
        )}
        {wrote ? (
          <>
            <Fact
              name={t('meterCard.facts.lastTaken')}
              value={units(meterArea.lastTaken)}
              testId="fact-taken"
            />
            <Fact
              name={t('meterCard.facts.consumption')}
              value={units(meterArea.consumption)}
              testId="fact-consumption"
            />
          </>
        ) : null}
        {credit === null ? null : (
          <Fact
            name={t('meterCard.facts.credit')}
            value={
              credit === 0
                ? t('meterCard.facts.noCredit')
                : t('meterCard.facts.willBeTaken', { amount: units(credit) })
            }
            testId="fact-credit"
          />
        )}
        {wrote ? (
          <Fact
            name={t('meterCard.facts.health')}
            tone={meterArea.batteryLow || meterArea.tamper ? 'bad' : 'ok'}
            value={`${t(meterArea.batteryLow ? 'meterCard.facts.batteryLow' : 'meterCard.facts.batteryOk')} · ${t(
              meterArea.tamper ? 'meterCard.facts.sealBroken' : 'meterCard.facts.sealOk',
            )}`}
            testId="fact-health"
          />
        ) : null}
      </dl>
      {meterArea !== null && !wrote ? <p className="quiet">{t('meterCard.facts.silent')}</p> : null}
    </section>
  );
}

function Fact({
  name,
  value,
  tone,
  testId,
}: {
  readonly name: string;
  readonly value: string;
  readonly tone?: 'ok' | 'bad';
  readonly testId: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={tone === undefined ? '' : `${tone}-text`} data-testid={testId}>
        {value}
      </dd>
    </div>
  );
}
