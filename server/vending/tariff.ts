import { assert } from '../../contracts/assert.ts';

/**
 * What an amount buys, in whole units. All arithmetic is in integers: an amount is qəpik × 1 000 000, a price is qəpik for
 * 1 000 000 units, so that a step of the tariff costs exactly units × price. Only the last unit is rounded, down: what is
 * lost is less than the price of one unit (a litre of gas at 12,5 qəpik a m³ is an eightieth of a qəpik).
 */

/** A step of the tariff, by what was bought in the calendar year; the last has no end. */
export type Tier = { readonly through: number | null; readonly price: number };
/** A part of an amount at one price. Σ amounts is the amount: a step's share is rounded down, the last has the rest. */
export type TierShare = { readonly units: number; readonly price: number; readonly amount: number };

const MICRO = 1_000_000n;

/** Steps rise, and the last has no end. */
export const tiersFit = (tiers: readonly Tier[]): boolean =>
  tiers.length > 0 &&
  tiers.every(({ through }, i) =>
    i === tiers.length - 1 ? through === null : through !== null && through > (tiers[i - 1]?.through ?? 0),
  );

/**
 * How an amount (qəpik, positive) falls into the steps after `used` units of this year.
 * @returns the shares, without empty ones, and Σ units
 */
export function buy(
  amount: number,
  tiers: readonly Tier[],
  used: number,
): { readonly units: number; readonly shares: readonly TierShare[] } {
  assert(Number.isSafeInteger(amount) && amount > 0, 'an amount buys something');
  assert(tiersFit(tiers), 'a tariff has steps that rise');
  const shares: { units: bigint; price: number }[] = [];
  let money = BigInt(amount) * MICRO;
  let bought = BigInt(used);
  for (const { through, price } of tiers) {
    const cost = BigInt(price);
    const affordable = money / cost;
    const room = through === null ? affordable : maximum(BigInt(through) - bought, 0n);
    const units = affordable < room ? affordable : room;
    if (units > 0n) shares.push({ units, price });
    money -= units * cost;
    bought += units;
    if (units === affordable && units < room) break;
  }
  return {
    units: Number(shares.reduce((sum, { units }) => sum + units, 0n)),
    shares: withAmounts(amount, shares),
  };
}

/** The least amount in qəpik that buys at least so many units. */
export function costOf(units: number, tiers: readonly Tier[], used: number): number {
  assert(tiersFit(tiers), 'a tariff has steps that rise');
  let rest = BigInt(units);
  let bought = BigInt(used);
  let micro = 0n;
  for (const { through, price } of tiers) {
    const room = through === null ? rest : maximum(BigInt(through) - bought, 0n);
    const taken = rest < room ? rest : room;
    micro += taken * BigInt(price);
    rest -= taken;
    bought += taken;
  }
  return Number((micro + MICRO - 1n) / MICRO);
}

function withAmounts(
  amount: number,
  shares: readonly { readonly units: bigint; readonly price: number }[],
): TierShare[] {
  let rest = amount;
  return shares.map(({ units, price }, i) => {
    const own = i === shares.length - 1 ? rest : Number((units * BigInt(price)) / MICRO);
    rest -= own;
    return { units: Number(units), price, amount: own };
  });
}

const maximum = (a: bigint, b: bigint): bigint => (a > b ? a : b);
