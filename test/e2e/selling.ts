import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORD } from './demo.ts';
import type { Place, Posted } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';

/** What a teller does again and again, as steps of tests. */

/** The row of an account among those on screen. */
export const rowWith = (teller: Hands, account: string): Locator =>
  teller.page.locator(`[data-testid=offered-row][data-account="${account}"]`);

/** Goes to an account's row with the arrows and types what is to be paid; Enter leads back to the find field. */
export async function setAmount(teller: Hands, account: string, amount: string): Promise<void> {
  const here = (): Promise<string | null> =>
    teller.page.evaluate(() => document.activeElement?.getAttribute('data-account') ?? null);
  await rowWith(teller, account).waitFor();
  const rows = await teller.at('offered-row').count();
  await teller.press('ArrowDown', 'Home');
  for (let n = 0; n < rows && (await here()) !== account; n += 1) await teller.press('ArrowDown');
  if ((await here()) !== account) throw new Error(`the arrows do not lead to ${account}`);
  await teller.type(amount);
  await teller.press('Enter');
}

/** From a basket in order to the receipt: exact cash, or what is typed. Answers the receipt's number. */
export async function sell(teller: Hands, received = ''): Promise<string> {
  await teller.sees('tender-cash');
  await teller.press('F2');
  await teller.sees('received');
  await teller.type(received);
  await teller.press('Enter');
  await teller.sees('receipt');
  return acceptedNo(teller);
}

/** The number on the screen of a payment just accepted. */
export async function acceptedNo(teller: Hands): Promise<string> {
  await teller.sees('receipt-no');
  return (await teller.at('receipt-no').innerText()).split(/\s/).at(-1) ?? '';
}

/** What the centre has under a receipt's number, once the counter's journal is with it. */
export async function paidAt(place: Place, receiptNo: string): Promise<readonly Posted[]> {
  await place.status('the journal drained', ({ centre }) => centre.link === 'online' && centre.waiting === 0);
  return (await place.payments()).filter((one) => one.receiptNo === receiptNo);
}

/** Gives name and password where they are asked for. */
export async function logIn(hands: Hands, username: string, password = PASSWORD): Promise<void> {
  await hands.sees('username');
  await expect.poll(hands.focused, SOON).toBe('username');
  await hands.type(username);
  await hands.press('Enter');
  await expect.poll(hands.focused, SOON).toBe('password');
  await hands.type(password);
  await hands.press('Enter');
}

/** Leaves by the person's menu. */
export async function logOut(hands: Hands): Promise<void> {
  await hands.tabTo('person');
  await hands.press('Enter');
  await hands.sees('logout');
  for (let n = 0; n < 6 && (await hands.focused()) !== 'logout'; n += 1) await hands.press('ArrowDown');
  await hands.press('Enter');
  await hands.sees('username');
}
