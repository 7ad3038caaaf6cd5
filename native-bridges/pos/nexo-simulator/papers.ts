import { majorUnits } from './wire.ts';

/** What a paper says. `kind` is what was done. */
export type Paper = {
  readonly kind: 'SATIŞ' | 'QAYTARMA' | 'LƏĞV';
  readonly amount: number;
  readonly poiTransactionId: string;
  readonly poiTimeStamp: string;
  /** In clear, as a badly set up terminal prints it: the till must mask it. */
  readonly pan: string;
};

const line = (name: string, value: string): object => ({
  Text: `name=${encodeURIComponent(name)}&value=${encodeURIComponent(value)}`,
});

/** Customer's and cashier's paper in the lines of nexo JSON. */
export const papersOf = ({ kind, amount, poiTransactionId, poiTimeStamp, pan }: Paper): object[] =>
  ['CustomerReceipt', 'CashierReceipt'].map((qualifier) => ({
    DocumentQualifier: qualifier,
    RequiredSignatureFlag: false,
    OutputContent: {
      OutputFormat: 'Text',
      OutputText: [
        { Text: 'SIMULATOR - PUL ÇIXILMIR' },
        { Text: kind },
        line('MƏBLƏĞ', `${majorUnits(amount).toFixed(2)} AZN`),
        line('KART', qualifier === 'CashierReceipt' ? pan.replace(/(\d{4})(?=\d)/g, '$1 ') : pan),
        line('NÖMRƏ', poiTransactionId),
        line('VAXT', poiTimeStamp),
      ],
    },
  }));
