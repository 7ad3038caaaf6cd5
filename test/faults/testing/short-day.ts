import { z } from 'zod';
import { qepik } from '../../../contracts/money.ts';
import type { AccountFigures } from '../../../main/demo/day/invariants.ts';
import type { SaleLine } from '../../../main/demo/day/teller.ts';
import type { Bill } from '../../e2e/demo.ts';
import type { FaultCounter, FaultPlace } from './fault-place.ts';
import { owedAtCentre } from './judge.ts';
import {
  lineBack,
  lineCut,
  logInAs,
  logOut,
  printAgain,
  registration,
  shiftOf,
  type Diary,
  type Step,
} from './script.ts';

/** The bills of a place as lines to be paid. */
export type Bills = {
  /** The n-th bill of a company, to be paid in full. */
  bill(company: Bill['company'], n: number): SaleLine;
  /** An account that takes any amount, again and again. */
  any(amount: number): SaleLine;
};

/** The same with what the centre says is owed before anybody pays. */
export type Debts = Bills & { readonly owed: readonly AccountFigures[] };

const billersSchema = z.array(z.object({ code: z.string(), id: z.string() }));

export async function billsOf(place: FaultPlace): Promise<Bills & { readonly all: readonly SaleLine[] }> {
  const billers = await place.komis(['billers', 'list'], billersSchema);
  const lines = place.bills.map(({ company, account, amount }) => {
    const biller = billers.find(({ code }) => code === company);
    if (!biller) throw new Error(`there is no company ${company}`);
    return { company, line: { billerId: biller.id, account, amount } };
  });
  const bill: Bills['bill'] = (company, n) => {
    const found = lines.filter((one) => one.company === company)[n];
    if (!found) throw new Error(`${company} has no ${n}-th bill`);
    return found.line;
  };
  return {
    bill,
    any: (amount) => ({ ...bill('ELEKTRIK', 0), amount: qepik(amount) }),
    all: lines.map(({ line }) => line),
  };
}

export async function debtsOf(place: FaultPlace, counter: FaultCounter): Promise<Debts> {
  const { bill, any, all } = await billsOf(place);
  return { bill, any, owed: await owedAtCentre(place, counter, all) };
}

/** Days that bills last for: each pays its own, the household's accounts are everybody's. */
export const DAYS_MAX = 39;

/**
 * A short day of everything that writes an entry, with the line cut for half of it: two tellers, a registration, payments
 * of one and of many lines, with change and without, stornos, copies, two Zs. The n-th day pays the n-th bills, from 1.
 */
export function shortDay(diary: Diary, debts: Debts, n: number): readonly Step[] {
  const power = debts.bill('ELEKTRIK', n);
  const gas = debts.bill('QAZ', n);
  const water = debts.bill('SU', n);
  const phone = debts.bill('TELEFON', n);
  const customer = registration(diary, { first: [power, water], later: gas });
  const aygun = shiftOf(diary);
  const leyla = shiftOf(diary);
  const one = aygun.pay([power], 150);
  const many = aygun.pay([gas, water, phone, debts.any(1000 + n)]);
  const offline = aygun.pay([debts.any(2000 + n)]);
  return [
    logInAs(diary, 'aygun'),
    aygun.open,
    customer.register,
    customer.bind,
    one,
    many,
    printAgain(one.paymentId, 'payment'),
    lineCut(diary),
    offline,
    aygun.pay([debts.any(300)], 200),
    aygun.storno(offline.paymentId),
    printAgain(offline.paymentId, 'storno'),
    customer.unbind,
    // Takes the seat without the other one logging out.
    logInAs(diary, 'leyla'),
    leyla.open,
    leyla.pay([debts.any(4000 + n)], 1000),
    lineBack(diary),
    leyla.close,
    logOut(diary),
    logInAs(diary, 'aygun'),
    aygun.storno(one.paymentId),
    aygun.close,
    logOut(diary),
  ];
}
