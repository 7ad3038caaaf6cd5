import type { Language, Subscriber, Workstation } from '../../contracts/domain.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import { subscriberBarcode } from '../../contracts/rules/bill-code.ts';
import { formatRegistrationCode } from '../../contracts/rules/damm.ts';
import { centred, left, pair, RULE } from './blocks.ts';
import { RECEIPT_TEXTS } from './receipt-texts.ts';

export type SubscriberCardInput = {
  readonly subscriber: Subscriber;
  /** The name of a company by its id, as the replica has it. */
  readonly billerName: (billerId: string) => string;
  readonly workstation: Workstation;
  /** The subscriber's own language when absent. */
  readonly language?: Language;
};

/**
 * The card a subscriber is given at registration: the code in figures and as a barcode (its face), then the accounts that
 * hang on it. Nothing on it is secret, and nothing of it is money.
 */
export function subscriberCard(input: SubscriberCardInput): ReceiptDocument {
  const { subscriber, billerName, workstation } = input;
  const language = input.language ?? subscriber.language;
  const texts = RECEIPT_TEXTS[language];
  return {
    receiptNo: subscriber.code,
    language,
    copy: 0,
    paper: 'card',
    blocks: [
      { kind: 'title', text: 'KÖMİS' },
      centred(texts.card),
      centred(subscriber.name, true),
      { kind: 'total', label: texts.registrationCode, value: formatRegistrationCode(subscriber.code) },
      { kind: 'barcode', data: subscriberBarcode(subscriber.code), caption: texts.scanAtCounter },
      RULE,
      left(texts.boundAccounts, true),
      ...(subscriber.accounts.length === 0 ? [left(texts.noAccountsYet)] : []),
      ...subscriber.accounts.map(({ billerId, account, label }) =>
        pair(label === '' ? billerName(billerId) : `${billerName(billerId)} · ${label}`, account),
      ),
      RULE,
      left(texts.cardUse),
      left(texts.cardIssued(`${workstation.participantName}, ${workstation.branchName}`)),
    ],
  };
}
