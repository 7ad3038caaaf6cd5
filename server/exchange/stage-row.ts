import type { CheckedRecord } from './record-check.ts';

/** Where a record stands: block of the file, number and line within the block (both from 0 and 1). */
export type Place = { readonly block: number; readonly record: number; readonly line: number };

/** What is to become of a stage row's account. A bad one keeps what it has. */
export const STAGE_ACTION = { upsert: 'u', remove: 'r', bad: 'b' } as const;

/**
 * A checked record as a line of COPY text for the stage (list-stage.ts); empty when not even its account is known.
 * fast-scanner.ts writes the same line as bytes.
 */
export function stageRow(place: Place, record: CheckedRecord): string {
  const head = (action: string, account: string): string =>
    `${action}\t${place.block}\t${place.record}\t${place.line}\t${account}\t`;
  if (record.action === 'bad')
    return record.account === null ? '' : head(STAGE_ACTION.bad, record.account) + NOTHING;
  if (record.action === 'remove') return head(STAGE_ACTION.remove, record.account) + NOTHING;
  const { value } = record;
  const bills = value.bills.map(
    (bill) =>
      `{"billNo":"${bill.billNo}","period":"${bill.period}","amount":${bill.amount},"dueDate":"${bill.dueDate}"}`,
  );
  const texts = [value.holder, value.address, value.district, value.phone, value.folded].map((text) =>
    text === null ? '\\N' : copyText(text),
  );
  return `${head(STAGE_ACTION.upsert, value.account)}${texts.join('\t')}\t[${bills.join(',')}]\t${value.total}\n`;
}

const NOTHING = '\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n';

/** Texts hold no control characters by now; the backslash is all COPY would take for its own. */
const copyText = (text: string): string => text.replaceAll('\\', '\\\\');
