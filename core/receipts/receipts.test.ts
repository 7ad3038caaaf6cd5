import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LANGUAGES } from '../../contracts/domain.ts';
import { paymentAcceptedSchema, paymentStornoedSchema } from '../../contracts/journal.ts';
import { add, formatMoney, qepik, sum } from '../../contracts/money.ts';
import { receiptDocumentSchema, type DocumentBlock, type ReceiptDocument } from '../../contracts/receipt.ts';
import { paymentReceipt } from './payment-receipt.ts';
import { RECEIPT_TEXTS } from './receipt-texts.ts';
import { stornoReceipt } from './storno-receipt.ts';
import { subscriberCard } from './subscriber-card.ts';
import {
  sampleBillerName,
  sampleLine,
  samplePayment,
  sampleStorno,
  sampleSubscriber,
  sampleWorkstation,
  TAKEN_AT,
  THREE_LINES,
  VERIFY_ADDRESS,
} from './testing/samples.ts';

const place = { takenAt: TAKEN_AT, workstation: sampleWorkstation, verifyAddress: VERIFY_ADDRESS, copy: 0 };

const values = (document: ReceiptDocument, label: string): string[] =>
  document.blocks.flatMap((block) =>
    (block.kind === 'pair' || block.kind === 'total') && block.label === label ? [block.value] : [],
  );
const texts = (document: ReceiptDocument, kind: DocumentBlock['kind']): string[] =>
  document.blocks.flatMap((block) => (block.kind === kind && 'text' in block ? [block.text] : []));

test('the samples are what the journal holds', () => {
  const payment = samplePayment('az');
  expect(paymentAcceptedSchema.parse(payment)).toEqual(payment);
  const storno = sampleStorno(payment);
  expect(paymentStornoedSchema.parse(storno)).toEqual(storno);
});

test('a receipt in Azerbaijani, block by block', () => {
  const document = paymentReceipt({ ...place, payment: samplePayment('az') });
  expect(receiptDocumentSchema.parse(document)).toEqual(document);
  expect(
    document.blocks.map((block) =>
      Object.values(block)
        .filter((part) => typeof part === 'string')
        .join(' | '),
    ),
  ).toEqual([
    'text | Paytaxt Bank ASC | centre',
    'text | Nərimanov filialı | centre',
    'text | Bakı, Təbriz küç. 41 | centre',
    'rule',
    'title | ÖDƏNİŞ QƏBZİ',
    'pair | Qəbz № | WS07-20261123-0042',
    'pair | Tarix | 23.11.2026 14:31',
    'pair | Operator | Aygün Məmmədova',
    'pair | İş yeri, növbə | WS07, № 214',
    'pair | Qeydiyyat kodu | 4071 8823 65',
    'pair | Ödəyici | Məmmədov Elşən İlqar oğlu',
    'rule',
    'text | 1. Elektrik Şəbəkəsi | left',
    'pair | Abunəçi kodu | 1104552018',
    'pair | Hesab sahibi | Məmmədov Elşən İlqar oğlu',
    'pair | Dövr | 10.2026',
    'pair | Qaimə № | 2026-10-7',
    'pair | Məbləğ | 38,40\u00a0₼',
    'text | 2. Qaz Təchizatı | left',
    'pair | Abunəçi kodu | 0801417730',
    'pair | Hesab sahibi | Məmmədov Elşən İlqar oğlu',
    'pair | Dövr | 10.2026',
    'pair | Məbləğ | 21,75\u00a0₼',
    'pair | Qalıq borc (13.11.2026 06:10 vəziyyətinə) | 10,00\u00a0₼',
    'text | 3. Su Kanal | left',
    'pair | Abunəçi kodu | 30881204',
    'pair | Hesab sahibi | Гусейнова Ксения Юрьевна',
    'pair | Dövr | 10.2026',
    'pair | Məbləğ | 9,10\u00a0₼',
    'pair | Xidmət haqqı | 0,50\u00a0₼',
    'pair | Hesabda avans (13.11.2026 06:10 vəziyyətinə) | 9,10\u00a0₼',
    'rule',
    'pair | Ödənişlər (3) | 69,25\u00a0₼',
    'pair | Xidmət haqqı | 0,50\u00a0₼',
    'total | CƏMİ | 69,75\u00a0₼',
    'pair | Nağd alındı | 70,00\u00a0₼',
    'pair | Qaytarıldı | 0,25\u00a0₼',
    'rule',
    `qr | ${VERIFY_ADDRESS} | Qəbzi yoxlamaq üçün kodu telefonla oxudun`,
    'text | Qəbzi saxlayın. Təşəkkür edirik! | centre',
  ]);
});

test('a single bill in exact cash needs no numbers, subtotal or words about the debt', () => {
  const document = paymentReceipt({
    ...place,
    payment: samplePayment('en', THREE_LINES.slice(0, 1), { subscriberCode: null, payerName: null }),
  });
  expect(texts(document, 'text')).toContain('Elektrik Şəbəkəsi');
  const labels = document.blocks.flatMap((block) => ('label' in block ? [block.label] : []));
  expect(labels).toEqual([
    'Receipt №',
    'Date',
    'Teller',
    'Workstation, shift',
    'Account',
    'Holder',
    'Period',
    'Bill №',
    'Amount',
    'Fee',
    'TOTAL',
    'Cash received',
    'Change',
  ]);
});

test.each(LANGUAGES)('%s: taken offline is said calmly, and only then', (language) => {
  const words = RECEIPT_TEXTS[language].offline;
  const online = paymentReceipt({ ...place, payment: samplePayment(language) });
  const offline = paymentReceipt({
    ...place,
    payment: samplePayment(language, THREE_LINES, { online: false }),
  });
  expect(texts(online, 'text')).not.toContain(words);
  expect(texts(offline, 'text')).toContain(words);
  expect(texts(offline, 'stamp')).toEqual([]);
});

test('an account that is not on the list says so and shows no debt', () => {
  const line = sampleLine(9, {
    company: 'Su Kanal',
    account: '999',
    holder: '',
    amount: 500,
    owed: 0,
    owedAsOf: null,
    known: false,
  });
  const document = paymentReceipt({ ...place, payment: samplePayment('az', [line]) });
  expect(texts(document, 'text')).toContain(RECEIPT_TEXTS.az.accountNotListed);
  expect(values(document, RECEIPT_TEXTS.az.holder)).toEqual([]);
});

test.each(LANGUAGES)(
  '%s: a copy is stamped with its number, keeps its teller, and names who printed it',
  (language) => {
    const payment = samplePayment(language);
    const document = paymentReceipt({
      ...place,
      payment,
      copy: 2,
      reprint: { at: '2026-11-24T05:12:00.000Z', by: 'Leyla Quliyeva' },
    });
    expect(document.copy).toBe(2);
    expect(texts(document, 'stamp')).toEqual([RECEIPT_TEXTS[language].copyStamp(2)]);
    expect(texts(document, 'text').join('\n')).toContain('24.11.2026 09:12');
    expect(values(document, RECEIPT_TEXTS[language].teller)).toEqual([payment.teller.name]);
    const { blocks } = paymentReceipt({ ...place, payment });
    expect(
      document.blocks.filter((block) =>
        blocks.some((other) => JSON.stringify(other) === JSON.stringify(block)),
      ),
    ).toEqual(blocks);
  },
);

test('a copy of a payment cancelled since cannot pass for a receipt', () => {
  const document = paymentReceipt({
    ...place,
    payment: samplePayment('az'),
    copy: 1,
    stornoReceiptNo: 'WS07-20261123-0043',
  });
  expect(texts(document, 'stamp')).toEqual(['SURƏT № 1', 'STORNO EDİLİB']);
  expect(values(document, 'Storno qəbzi')).toEqual(['WS07-20261123-0043']);
});

test.each(LANGUAGES)(
  '%s: a storno names the original, the reason, both people, and is signed for',
  (language) => {
    const payment = samplePayment(language);
    const storno = sampleStorno(payment);
    const words = RECEIPT_TEXTS[language];
    const document = stornoReceipt({ ...place, storno });
    expect(receiptDocumentSchema.parse(document)).toEqual(document);
    expect(document.receiptNo).toBe('WS07-20261123-0043');
    expect(texts(document, 'stamp')).toEqual([words.stornoStamp]);
    expect(values(document, words.originalReceipt)).toEqual([payment.receiptNo]);
    expect(values(document, words.reason)).toEqual([words.reasons.wrongAccount]);
    expect(values(document, words.teller)).toEqual([storno.teller.name]);
    expect(values(document, words.supervisor)).toEqual([storno.approvedBy.name]);
    expect(values(document, words.payerSignature)).toEqual(['_'.repeat(20)]);
    expect(values(document, words.total)).toEqual(['−69,75\u00a0₼']);
    expect(values(document, words.cashReturned)).toEqual(['69,75\u00a0₼']);
  },
);

test.each(LANGUAGES)('%s: the card of a subscriber', (language) => {
  const document = subscriberCard({
    subscriber: sampleSubscriber(language),
    billerName: sampleBillerName,
    workstation: sampleWorkstation,
  });
  expect(receiptDocumentSchema.parse(document)).toEqual(document);
  expect(document.paper).toBe('card');
  expect(values(document, RECEIPT_TEXTS[language].registrationCode)).toEqual(['4071 8823 65']);
  expect(document.blocks).toContainEqual({
    kind: 'barcode',
    data: 'KR14071882365',
    caption: RECEIPT_TEXTS[language].scanAtCounter,
  });
  expect(values(document, 'Su Kanal · Mənzil 52')).toEqual(['30904117']);
});

test('what is printed adds up: lines and fees make the total, and the total is the tenders', () => {
  const lines = fc.array(
    fc.record({
      amount: fc.integer({ min: 1, max: 50_000_000 }),
      fee: fc.integer({ min: 0, max: 10_000 }),
      owed: fc.integer({ min: -5000, max: 60_000_000 }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(lines, fc.constantFrom(...LANGUAGES), (facts, language) => {
      const words = RECEIPT_TEXTS[language];
      const payment = samplePayment(
        language,
        facts.map((line, i) =>
          sampleLine(i, { company: 'Su Kanal', account: `A${i}`, holder: 'H', ...line }),
        ),
      );
      const document = paymentReceipt({ ...place, payment });
      const amounts = sum(facts.map((line) => qepik(line.amount)));
      const fees = sum(facts.map((line) => qepik(line.fee)));
      expect(values(document, words.amount)).toEqual(facts.map((line) => formatMoney(qepik(line.amount))));
      expect(values(document, words.total)).toEqual([formatMoney(add(amounts, fees))]);
      expect(values(document, words.fee).at(-1)).toBe(formatMoney(fees));
      expect(add(amounts, fees)).toBe(payment.total);
    }),
  );
});

test('no text of one language was left in another', () => {
  const plain = (language: 'az' | 'en' | 'ru'): string[] =>
    Object.values(RECEIPT_TEXTS[language]).filter((text): text is string => typeof text === 'string');
  for (const text of plain('ru')) expect(text).toMatch(/^[^A-Za-zəğıöüşç]+$/);
  for (const text of plain('az')) expect(text).not.toMatch(/[А-Яа-я]/);
  const shared = plain('en').filter((text) => plain('az').includes(text));
  expect(shared).toEqual(['STORNO']);
});
