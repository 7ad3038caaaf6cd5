import type { DemoCompany } from './companies.ts';
import { firmName, personName, surnameOf } from './people.ts';
import { addressOf, DISTRICTS, mobileOf, placeOf, type Place } from './places.ts';
import { chance } from './random.ts';

/** An account of a demo company, without its debts. `ordinal` counts the company's accounts from 0. */
export type DemoAccount = {
  readonly ordinal: number;
  /** Accounts of one household share it across companies. */
  readonly household: number;
  readonly account: string;
  readonly holder: string;
  readonly address: string;
  readonly district: string;
  readonly phone: string | null;
};

type Household = {
  readonly surname: string;
  readonly holder: string;
  readonly place: Place;
  readonly second: Place;
  readonly phone: string | null;
  readonly firm: boolean;
};

/**
 * The accounts of a company, without end: household after household of an imagined Bakı. The same household has the
 * same people, address and telephone at every company, so that accounts across companies meet. The first household is
 * always the one of the documentation.
 */
export function* accountsOf(company: DemoCompany, seed: string): Generator<DemoAccount> {
  let ordinal = 0;
  for (let index = 0; ; index += 1) {
    const household = index === 0 ? FIRST : householdOf(seed, index);
    const from = chance(seed, company.code, index);
    const count =
      index === 0 ? company.fixed.length : from.odds(company.share) ? (from.odds(0.06) ? 2 : 1) : 0;
    for (let nth = 0; nth < count; nth += 1) {
      yield {
        ordinal,
        household: index,
        account: accountNumber(company, ordinal, household.place.district.code),
        // A contract is often still in the name of somebody else of the family.
        holder:
          index === 0 || household.firm || from.odds(0.88)
            ? household.holder
            : personName(from, household.surname),
        // A second account is a second flat, most often in the same house; a second telephone hangs in the same one.
        address:
          nth === 0 || company.code === 'TELEFON' ? addressOf(household.place) : addressOf(household.second),
        district: household.place.district.name,
        phone: company.code === 'TELEFON' && from.odds(0.3) ? null : household.phone,
      };
      ordinal += 1;
    }
  }
}

function householdOf(seed: string, index: number): Household {
  const from = chance(seed, 'household', index);
  const place = placeOf(from);
  const surname = surnameOf(from);
  const firm = from.odds(0.02);
  return {
    surname,
    firm,
    holder: firm ? firmName(from) : personName(from, surname),
    place,
    second: from.odds(0.6)
      ? { ...place, flat: from.int(140) + 1 }
      : { ...placeOf(from), district: place.district, street: from.pick(place.district.streets) },
    phone: from.odds(0.92) ? mobileOf(from) : null,
  };
}

const FIRST: Household = (() => {
  const place = { district: DISTRICTS[0], street: 'Təbriz küç.', building: '41', flat: 18 };
  return {
    surname: 'Məmmədov',
    firm: false,
    holder: 'Məmmədov Elşən İlqar oğlu',
    place,
    second: { ...place, flat: 52 },
    phone: '+994502124171',
  };
})();

/**
 * The n-th account number of a company: a permutation of its serials, so that numbers look scattered and none comes
 * twice. The first household's numbers are given; the serial they take is handed to whoever would have got it.
 */
export function accountNumber(company: DemoCompany, ordinal: number, district: string): string {
  const given = company.fixed[ordinal];
  if (given !== undefined) return given;
  const { modulus, factor, offset, digits, base } = company.serials;
  if (ordinal >= modulus)
    throw new RangeError(`${company.code} has ${modulus} account numbers, not ${ordinal}`);
  const serialText = (nth: number): string =>
    String(((nth * factor + offset) % modulus) + base).padStart(digits, '0');
  const text = serialText(ordinal);
  const taken = company.fixed.findIndex((fixed) => fixed.endsWith(text));
  return company.prefix(district) + (taken === -1 ? text : serialText(taken));
}
