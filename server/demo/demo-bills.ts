import { assert } from '../../contracts/assert.ts';
import { sum, type Qepik } from '../../contracts/money.ts';
import { billBarcode, billQr } from '../../contracts/rules/bill-code.ts';
import type { Instant } from '../../contracts/time.ts';
import { accountsOf } from './accounts.ts';
import { DEMO_COMPANIES, type DemoCompanyCode } from './companies.ts';
import { debtsOf } from './debts.ts';

/** A bill as a subscriber would bring it to the counter. */
export type DemoBill = {
  readonly company: DemoCompanyCode;
  readonly companyName: string;
  readonly account: string;
  readonly holder: string;
  readonly address: string;
  readonly billNo: string;
  readonly period: string;
  readonly dueDate: string;
  /** What the account owes in all, as the bill says. */
  readonly amount: Qepik;
  /** Texts to scan: Code 128 and QR (docs/formats/bill-code.md). */
  readonly barcode: string;
  readonly qr: string;
};

export type DemoBillOptions = {
  readonly seed: string;
  readonly subscribersPerCompany: number;
  /** As the lists were made with. */
  readonly asOf: Instant;
  /** Bills per company. */
  readonly count: number;
  /** Accounts of this district only: those the workstation's replica holds. */
  readonly district?: string;
};

/** Picks bills out of the first demo lists (sequence 1), beginning with the household of the documentation. */
export function demoBills(options: DemoBillOptions): DemoBill[] {
  assert(options.count > 0, 'at least one bill');
  return DEMO_COMPANIES.flatMap((company) => {
    const bills: DemoBill[] = [];
    for (const account of accountsOf(company, options.seed)) {
      if (account.ordinal >= options.subscribersPerCompany || bills.length === options.count) break;
      if (options.district !== undefined && account.district !== options.district) continue;
      const open = debtsOf(
        company,
        options.seed,
        account.ordinal,
        account.account,
        options.asOf.slice(0, 7),
        1,
      );
      const last = open.at(-1);
      const amount = sum(open.map((bill) => bill.amount));
      if (!last || amount <= 0) continue;
      const code = { billerNo: company.number, account: account.account, amount };
      bills.push({
        company: company.code,
        companyName: company.name,
        account: account.account,
        holder: account.holder,
        address: account.address,
        billNo: last.billNo,
        period: last.period,
        dueDate: last.dueDate,
        amount,
        barcode: billBarcode(code),
        qr: billQr({ ...code, billNo: last.billNo }),
      });
    }
    return bills;
  });
}
