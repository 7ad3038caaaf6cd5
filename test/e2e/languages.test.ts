import { expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../../contracts/domain.ts';
import { formatAmount } from '../../contracts/money.ts';
import { RECEIPT_TEXTS } from '../../core/receipts/receipt-texts.ts';
import { az } from '../../renderer/src/i18n/az.ts';
import { en } from '../../renderer/src/i18n/en.ts';
import { ru } from '../../renderer/src/i18n/ru.ts';
import { placeForTests } from './fixture.ts';
import type { Hands } from './hands.ts';
import { logIn, paidAt, sell } from './selling.ts';

/** A whole sale in each language: the screens in the teller's, the receipt in the payer's. */

const place = placeForTests();

const SCREENS = { az, en, ru } as const;

/** All sentences of a language that have no gaps to fill. */
const sentences = (texts: unknown): readonly string[] =>
  typeof texts === 'string'
    ? texts.includes('{{')
      ? []
      : [texts]
    : Object.values(texts ?? {}).flatMap(sentences);

/** Sentences of the other languages that this one does not have. */
function foreign(language: Language): ReadonlySet<string> {
  const own = new Set(sentences(SCREENS[language]));
  const others = LANGUAGES.filter((other) => other !== language).flatMap((other) =>
    sentences(SCREENS[other]),
  );
  return new Set(others.filter((one) => one.length > 3 && !own.has(one)));
}

/** Nothing on screen is said in another language, the names of languages aside. */
async function speaksOnly(teller: Hands, language: Language): Promise<void> {
  const strange = foreign(language);
  const lines = (await teller.words()).split('\n').map((line) => line.trim());
  expect(lines.filter((line) => strange.has(line))).toEqual([]);
}

/** Walks with the arrows from Azerbaijani to another language; each step is answered before the next. */
async function chooseLanguage(teller: Hands, choice: string, language: Language): Promise<void> {
  await teller.tabTo(choice);
  for (const step of LANGUAGES.slice(1, LANGUAGES.indexOf(language) + 1)) {
    await teller.press('ArrowRight');
    await teller.at(choice).locator(`input[value=${step}]:checked`).waitFor({ state: 'attached' });
  }
}

/** Which screen texts must have been seen on the way. */
const SEEN: Readonly<Record<Language, readonly string[]>> = {
  az: [az.counter.basketEmpty, az.tender.toPay, az.accepted.title],
  en: [en.counter.basketEmpty, en.tender.toPay, en.accepted.title],
  ru: [ru.counter.basketEmpty, ru.tender.toPay, ru.accepted.title],
};

test.each(['en', 'ru'] as const)('from log-in to the receipt in %s', async (language) => {
  const teller = await place().atLogin('aygun');
  await teller.sees('username');
  await chooseLanguage(teller, 'language', language);
  await teller.page.getByText(SCREENS[language].login.title).first().waitFor();
  await speaksOnly(teller, language);
  await teller.shot(`login-${language}`);
  await teller.page.keyboard.press('Shift+Tab');
  await teller.tabTo('username');
  await logIn(teller, 'aygun');
  await teller.sees('open-shift', SCREENS[language].shift.open);
  await speaksOnly(teller, language);
  await teller.type('1');
  await teller.press('F2');
  await teller.sees('find');
  const [basketEmpty = '', toPay = '', title = ''] = SEEN[language];
  await teller.page.getByText(basketEmpty).waitFor();
  await speaksOnly(teller, language);

  // The telephone bill has a fee for the payer, and rules.
  const bill = place().bill('TELEFON');
  await teller.scan(bill.barcode);
  await teller.sees('basket-line');
  await chooseLanguage(teller, 'receipt-language', language);
  await speaksOnly(teller, language);
  await teller.shot(`sale-${language}-basket`);
  await teller.press('F2');
  await teller.sees('received');
  await teller.page.getByText(toPay).first().waitFor();
  await teller.type('200');
  await teller.sees('drawer-short');
  await speaksOnly(teller, language);
  await teller.shot(`sale-${language}-money`);
  await teller.press('Backspace', 'Backspace', 'Backspace');
  const mark = place().paper.mark();
  await teller.press('Enter');
  await teller.sees('receipt');
  await teller.page.getByText(title).waitFor();
  await speaksOnly(teller, language);
  await teller.shot(`sale-${language}-accepted`);

  const words = RECEIPT_TEXTS[language];
  const paper = place().paper.since(mark).text;
  for (const one of [words.paymentTitle, words.total, words.cashReceived, words.fee])
    expect(paper).toContain(one);
  expect(paper).toContain(formatAmount(bill.amount));
  expect(paper).not.toContain(RECEIPT_TEXTS.az.total);

  // The other screens, too.
  await teller.press('Enter');
  for (const key of ['F6', 'F7', 'F8', 'F9', 'F10', 'F12']) {
    await teller.press(key);
    await teller.page.locator('.key-button-current').getByText(key).waitFor();
    await speaksOnly(teller, language);
    await teller.shot(`screen-${language}-${key}`);
  }
});

test('the next payer gets a receipt in Azerbaijani again', async () => {
  const teller = await place().atCounter();
  await teller.scan(place().bill('ELEKTRIK').barcode);
  await teller.sees('basket-line');
  await chooseLanguage(teller, 'receipt-language', 'en');
  await sell(teller);
  await teller.sees('receipt', RECEIPT_TEXTS.en.paymentTitle);
  await teller.press('Enter');
  await teller.sees('find');
  await teller.scan(place().bill('ELEKTRIK').barcode);
  await teller.sees('basket-line');
  const receiptNo = await sell(teller);
  await teller.sees('receipt', RECEIPT_TEXTS.az.paymentTitle);
  expect(await paidAt(place(), receiptNo)).toHaveLength(1);
});
