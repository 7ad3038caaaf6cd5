import { z } from 'zod';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { buy, costOf, tiersFit, type TierShare } from './tariff.ts';

/** What a company allows for its meter cards, as data: the JSON of `meter_rules`. Amounts in qəpik. */
export const loadRulesSchema = z
  .strictObject({
    unit: z.enum(['money', 'litres', 'wattHours']),
    min: z.int().min(1),
    max: z.int().min(1).max(100_000_000),
    /** Class B cards can be copied: less goes onto them. */
    classBMax: z.int().min(1),
    /** What the meter takes in one load, in units. */
    perLoadMax: z.int().min(1).max(0xffff_ffff).nullable(),
    /** Prices by what was bought in the calendar year (tariff.ts); empty where the card holds money. */
    tiers: z
      .array(z.strictObject({ through: z.int().min(1).nullable(), price: z.int().min(1).max(1_000_000_000) }))
      .max(20),
    /** The meter must have taken the load before. */
    previousMustBeTaken: z.boolean(),
    /** `meterKnowsCard`: a card goes to its meter once before it is loaded. */
    firstLoad: z.enum(['anyTime', 'meterKnowsCard']),
    cardLoadsPerDay: z.int().min(1),
    deviceAmountPerDay: z.int().min(1),
  })
  .refine(({ unit, tiers }) => (unit === 'money' ? tiers.length === 0 : tiersFit(tiers)), {
    message: 'tiers rise and the last has no end; a card that holds money has none',
    path: ['tiers'],
  })
  .refine(({ min, max, classBMax }) => min <= classBMax && classBMax <= max, {
    message: 'min, classBMax and max rise',
    path: ['max'],
  });
export type LoadRules = z.infer<typeof loadRulesSchema>;

export type RuleCode =
  | 'loadBelowMinimum'
  | 'loadAboveMaximum'
  | 'loadBelowCredit'
  | 'loadTooManyUnits'
  | 'previousLoadNotTaken'
  | 'firstLoadNeedsMeter'
  | 'loadOpenOnCard'
  | 'loadLimitReached';

/** What is known of card, meter and day when a load is judged. */
export type Circumstances = {
  readonly cardClass: 'A' | 'B';
  readonly counter: number;
  readonly takenThrough: number;
  readonly known: boolean;
  readonly creditOwed: number;
  readonly usedThisYear: number;
  readonly openOnCard: boolean;
  readonly loadsToday: number;
  readonly deviceAmountToday: number;
};

export type Price = {
  readonly grossUnits: number;
  readonly creditDeducted: number;
  readonly tiers: readonly TierShare[];
};

/** The most that goes onto a card of this class at once. */
export const maximumOf = (rules: LoadRules, cardClass: 'A' | 'B'): number =>
  cardClass === 'B' ? rules.classBMax : rules.max;

/** What card and meter say against any load now; also asked when an order is given. */
export function meterObjection(
  rules: LoadRules,
  { counter, takenThrough, known }: Pick<Circumstances, 'counter' | 'takenThrough' | 'known'>,
): 'previousLoadNotTaken' | 'firstLoadNeedsMeter' | null {
  if (rules.firstLoad === 'meterKnowsCard' && !known) return 'firstLoadNeedsMeter';
  return rules.previousMustBeTaken && takenThrough < counter ? 'previousLoadNotTaken' : null;
}

export const dayObjection = (
  rules: LoadRules,
  { loadsToday, deviceAmountToday }: Pick<Circumstances, 'loadsToday' | 'deviceAmountToday'>,
  amount: number,
): 'loadLimitReached' | null =>
  loadsToday >= rules.cardLoadsPerDay || deviceAmountToday + amount > rules.deviceAmountPerDay
    ? 'loadLimitReached'
    : null;

/** What an amount buys under the rules, or which rule is against it. */
export function judgeLoad(rules: LoadRules, seen: Circumstances, amount: number): Result<Price, RuleCode> {
  const max = maximumOf(rules, seen.cardClass);
  if (seen.openOnCard) return fail('loadOpenOnCard');
  if (amount < rules.min) return fail('loadBelowMinimum', { min: rules.min });
  if (amount > max) return fail('loadAboveMaximum', { max });
  const objection = meterObjection(rules, seen) ?? dayObjection(rules, seen, amount);
  if (objection !== null) return fail(objection);
  const { units, shares } =
    rules.unit === 'money' ? { units: amount, shares: [] } : buy(amount, rules.tiers, seen.usedThisYear);
  if (units <= seen.creditOwed) return fail('loadBelowCredit', { min: leastFor(rules, seen) });
  if (units - seen.creditOwed > (rules.perLoadMax ?? 0xffff_ffff)) return fail('loadTooManyUnits');
  return ok({ grossUnits: units, creditDeducted: seen.creditOwed, tiers: shares });
}

/** The least amount that leaves one unit after the credit. */
const leastFor = (rules: LoadRules, { creditOwed, usedThisYear }: Circumstances): number =>
  rules.unit === 'money' ? creditOwed + 1 : costOf(creditOwed + 1, rules.tiers, usedThisYear);
