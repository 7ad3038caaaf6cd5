import type { AccountView, Biller } from '../../../../contracts/domain.ts';
import type { BasketLine, CounterState } from '../../../../contracts/ipw.ts';
import { formatAmount, negate, type Qepik } from '../../../../contracts/money.ts';
import type { CalendarDate, Instant } from '../../../../contracts/time.ts';
import { periodText } from '../../format/moments.ts';

/** One account on screen: offered, in the basket, or both. */
export type OfferedRow = {
  readonly key: string;
  readonly billerId: string;
  readonly account: string;
  readonly view: AccountView | null;
  readonly line: BasketLine | null;
  readonly holder: string;
  readonly owed: Qepik;
  readonly known: boolean;
  readonly asOf: Instant | null;
  /** The subscriber's own word for the account. */
  readonly label: string;
};

const keyOf = (billerId: string, account: string): string => `${billerId}/${account}`;

/** The accounts on screen: what is offered, then what is in the basket from elsewhere (scanned before). */
export function offeredRows(counter: CounterState): readonly OfferedRow[] {
  const lines = new Map(counter.lines.map((line) => [keyOf(line.billerId, line.account), line]));
  const labels = new Map(
    (counter.subscriber?.accounts ?? []).map((bound) => [keyOf(bound.billerId, bound.account), bound.label]),
  );
  const offered = counter.offered.map((view): OfferedRow => {
    const key = keyOf(view.billerId, view.account);
    return {
      key,
      billerId: view.billerId,
      account: view.account,
      view,
      line: lines.get(key) ?? null,
      holder: view.holder,
      owed: view.owed,
      known: view.known,
      asOf: view.asOf,
      label: labels.get(key) ?? '',
    };
  });
  const shown = new Set(offered.map((row) => row.key));
  const others = [...lines].filter(([key]) => !shown.has(key));
  return [
    ...offered,
    ...others.map(([key, line]): OfferedRow => ({
      key,
      billerId: line.billerId,
      account: line.account,
      view: null,
      line,
      holder: line.holder,
      owed: line.owed,
      known: line.known,
      asOf: line.asOf,
      label: '',
    })),
  ];
}

/** The months billed, as the table shows them: `10.2026`, or the oldest and how many more. */
export function rowPeriod(row: OfferedRow): { readonly first: string; readonly more: number } | null {
  const periods = row.view?.bills.map((bill) => bill.period) ?? (row.line?.period ? [row.line.period] : []);
  const [first] = periods;
  return first === undefined ? null : { first: periodText(first), more: periods.length - 1 };
}

/** What the rule chip of a row says: the most pressing of what holds. */
export type RuleWord =
  'closed' | 'unlisted' | 'overdue' | 'any' | 'exact' | 'up' | 'down' | 'advance' | 'noAdvance';

/** The rule of a row by the company's configuration, what is owed, and today. Undefined while the company is unknown. */
export function ruleWord(
  row: OfferedRow,
  biller: Biller | undefined,
  today: CalendarDate,
): RuleWord | undefined {
  if (!biller) return undefined;
  if (biller.status !== 'live') return 'closed';
  if (!row.known) return 'unlisted';
  if (row.owed <= 0) return biller.advanceAllowed ? 'advance' : 'noAdvance';
  return row.view?.bills.some((bill) => bill.dueDate < today) ? 'overdue' : biller.exactness;
}

/** `0,00`, the debt, or the advance as an amount without its minus. */
export const owedText = (owed: Qepik): string => formatAmount(owed < 0 ? negate(owed) : owed);

export type DebtTime = { readonly billerId: string; readonly asOf: Instant; readonly live: boolean };

/** Since when the figures on screen are true: per company the oldest of its accounts. `live`: asked of the centre just now. */
export function debtTimes(rows: readonly OfferedRow[]): readonly DebtTime[] {
  const oldest = new Map<string, DebtTime>();
  for (const { asOf, billerId, view } of rows) {
    if (asOf === null) continue;
    const known = oldest.get(billerId);
    if (known === undefined || asOf < known.asOf)
      oldest.set(billerId, { billerId, asOf, live: view?.source === 'centre' });
  }
  return [...oldest.values()];
}
