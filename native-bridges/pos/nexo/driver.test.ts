import { expect, onTestFinished, test } from 'vitest';
import { qepik } from '../../../contracts/money.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import { benchMachine, journal, listen, mintId, until, untilReady } from '../testing/bench.ts';
import { startNexoSimulator } from '../nexo-simulator/simulator.ts';
import { nexoDriver } from './driver.ts';
import { encodeFrame } from './frames.ts';
import { fakeTerminal, NOT_FOUND, respond, type Asked } from './testing/fake-terminal.ts';
import { BENCH_TIMINGS, settingsFor } from './testing/nexo-bench.ts';
import type { NexoTimings } from './timings.ts';

const settings = (port: number) =>
  ({ kind: 'nexo', over: 'tcp', host: '127.0.0.1', port, poiId: 'P1', saleId: 'WS07' }) as const;

async function opened(port: number, timings: Partial<NexoTimings> = {}): Promise<PosDriver> {
  const driver = nexoDriver(settings(port), benchMachine(), { ...BENCH_TIMINGS, answerMs: 400, ...timings });
  onTestFinished(() => driver.close());
  driver.open();
  await untilReady(driver);
  return driver;
}

const attempt = (kind: PosAttempt['kind'] = 'sale', terminalId: string | null = 'S1'): PosAttempt => ({
  attemptId: mintId(),
  kind,
  amount: qepik(1010),
  snapshot: { terminalId, receiptNo: null, trace: null, reference: null },
  original:
    kind === 'reversal'
      ? { receiptNo: 'T1', trace: '2026-11-23T10:00:00Z', reference: null, terminalId }
      : null,
});

const approved = (
  sale: string | undefined,
  amount: number | string = 10.1,
  currency: string | null = 'AZN',
): object => ({
  Response: { Result: 'Success', ErrorCondition: null },
  SaleData: sale === undefined ? null : { SaleTransactionID: { TransactionID: sale } },
  POIData: { POITransactionID: { TransactionID: 'T1', TimeStamp: '2026-11-23T14:35:21.000+04:00' } },
  PaymentResult: {
    AmountsResp: { Currency: currency, AuthorizedAmount: amount },
    PaymentInstrumentData: { CardData: { PaymentBrand: 'mc', MaskedPAN: '541333******9999' } },
    PaymentAcquirerData: { ApprovalCode: '123456' },
    Unheard: { of: ['fields', 1] },
  },
});
const saleOf = ({ text }: Asked): string =>
  (
    JSON.parse(text) as {
      SaleToPOIRequest: { PaymentRequest: { SaleData: { SaleTransactionID: { TransactionID: string } } } };
    }
  ).SaleToPOIRequest.PaymentRequest.SaleData.SaleTransactionID.TransactionID;

test('the request says what is asked, to the qəpik, and the answer is read with all that it says', async () => {
  const fake = await fakeTerminal((asked) =>
    asked.category === 'Payment' ? respond(asked, approved(saleOf(asked))) : null,
  );
  const driver = await opened(fake.port);
  const one = attempt();
  expect(await driver.pay(one, journal().hold)).toMatchObject({
    kind: 'confirmed',
    result: {
      amount: 1010,
      terminalId: 'S1',
      receiptNo: 'T1',
      trace: '2026-11-23T14:35:21.000+04:00',
      reference: one.attemptId,
      authCode: '123456',
      cardName: 'mc',
      maskedPan: '541333******9999',
      terminalTime: '20261123T143521',
    },
  });
  const payment = fake.asked.find(({ category }) => category === 'Payment');
  expect(payment?.text).toContain('"AmountsReq":{"Currency":"AZN","RequestedAmount":10.10}');
  expect(payment?.text).toContain('"ProtocolVersion":"3.0"');
  expect(payment?.text).toContain('"PaymentType":"Normal"');
});

test.each<[string, (asked: Asked) => object, string]>([
  ['another amount', (asked) => approved(saleOf(asked), 10.11), 'amountDiffers'],
  ['an amount finer than a qəpik', (asked) => approved(saleOf(asked), 10.1001), 'amountDiffers'],
  ['no amount', (asked) => ({ ...approved(saleOf(asked)), PaymentResult: {} }), 'amountDiffers'],
  ['another currency', (asked) => approved(saleOf(asked), 10.1, 'EUR'), 'amountDiffers'],
  ['another sale', () => approved(mintId()), 'answerUnclear'],
  [
    'a part of it',
    (asked) => ({ ...approved(saleOf(asked)), Response: { Result: 'Partial' } }),
    'amountDiffers',
  ],
  ['a result of its own', () => ({ Response: { Result: 'Perhaps' } }), 'answerUnclear'],
  ['that it goes on', () => ({ Response: { Result: 'Failure', ErrorCondition: 'InProgress' } }), 'busy'],
  ['nothing in it', () => ({}), 'answerUnclear'],
])('an answer with %s confirms nothing and denies nothing', async (_what, body, reason) => {
  const fake = await fakeTerminal((asked) =>
    asked.category === 'Payment' ? respond(asked, body(asked)) : null,
  );
  const driver = await opened(fake.port);
  const book = journal();
  expect(await driver.pay(attempt(), book.hold)).toMatchObject({ kind: 'unknown', reason: { code: reason } });
  expect(book.held).toEqual([]);
});

test.each([
  ['Refusal', 'refusalReason=210%20Not%20enough%20balance', 'insufficientFunds'],
  ['Refusal', Buffer.from('{"refusalReason":"Expired Card"}').toString('base64'), 'cardExpired'],
  ['Refusal', undefined, 'declined'],
  ['WrongPIN', undefined, 'wrongPin'],
  ['UnreachableHost', undefined, 'hostAway'],
  ['Busy', undefined, 'busy'],
  ['SomethingNew', 'Kart 4169730000001236', 'other'],
])('a failure %s (%s) is declined with a reason', async (condition, words, code) => {
  const fake = await fakeTerminal((asked) =>
    asked.category === 'Payment'
      ? respond(asked, {
          Response: { Result: 'Failure', ErrorCondition: condition, AdditionalResponse: words },
        })
      : null,
  );
  const driver = await opened(fake.port);
  const answer = await driver.pay(attempt(), journal().hold);
  expect(answer).toMatchObject({ kind: 'declined', reason: { code } });
  if (answer.kind === 'declined') expect(answer.reason.detail).toContain(condition);
  expect(JSON.stringify(answer)).not.toContain('4169730000001236');
});

test('an answer under another name, or of another kind, is none of this attempt', async () => {
  const fake = await fakeTerminal((asked, send) => {
    if (asked.category !== 'Payment') return null;
    send(respond({ ...asked, serviceId: 'ELSEWHERE1' }, approved(saleOf(asked))));
    return respond({ ...asked, category: 'Reversal' }, { Response: { Result: 'Success' } });
  });
  const driver = await opened(fake.port);
  expect(await driver.pay(attempt(), journal().hold)).toMatchObject({
    kind: 'unknown',
    reason: { code: 'answerUnclear' },
  });
});

test('a message that the terminal rejects ends the waiting, and proves nothing', async () => {
  const fake = await fakeTerminal((asked) => {
    if (asked.category !== 'Payment') return null;
    return JSON.stringify({
      SaleToPOIRequest: {
        MessageHeader: { MessageClass: 'Event', MessageCategory: 'Event', MessageType: 'Notification' },
        EventNotification: {
          EventToNotify: 'Reject',
          EventDetails: 'no',
          RejectedMessage: Buffer.from(asked.text).toString('base64'),
        },
      },
    });
  });
  const driver = await opened(fake.port, { answerMs: 60_000 });
  expect(await driver.pay(attempt(), journal().hold)).toMatchObject({
    kind: 'unknown',
    reason: { code: 'protocolError' },
  });
});

test('"not found" is believed when it is said twice, by the terminal that was asked, of what it can remember', async () => {
  const fake = await fakeTerminal((asked) =>
    asked.category === 'TransactionStatus' ? respond(asked, NOT_FOUND) : null,
  );
  const driver = await opened(fake.port);
  const asks = (): number => fake.asked.filter(({ category }) => category === 'TransactionStatus').length;
  expect(await driver.resolve(attempt())).toMatchObject({
    kind: 'notCharged',
    reason: { code: 'nothingHeld' },
  });
  expect(asks()).toBe(2);
  expect(await driver.resolve(attempt('sale', 'S2'))).toMatchObject({
    kind: 'stillUnknown',
    reason: { code: 'otherTerminal' },
  });
  const old = { ...attempt(), attemptId: '018f0000-0000-7000-8000-000000000000' };
  expect(await driver.resolve(old)).toMatchObject({
    kind: 'stillUnknown',
    reason: { code: 'answerUnclear' },
  });
});

test('a request that is found after it was not found counts as found', async () => {
  let asks = 0;
  const one = attempt();
  const fake = await fakeTerminal((asked) => {
    if (asked.category !== 'TransactionStatus') return null;
    asks += 1;
    if (asks === 1) return respond(asked, NOT_FOUND);
    if (asks < 4) return respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'InProgress' } });
    return respond(asked, {
      Response: { Result: 'Success' },
      RepeatedMessageResponse: {
        RepeatedResponseMessageBody: { PaymentResponse: approved(one.attemptId) },
      },
    });
  });
  const driver = await opened(fake.port);
  expect(await driver.resolve(one)).toMatchObject({ kind: 'charged', result: { receiptNo: 'T1' } });
  expect(fake.asked.some(({ category }) => category === 'Payment')).toBe(false);
});

test.each<[string, (asked: Asked) => string | null]>([
  ['says nothing', () => null],
  [
    'says it goes on',
    (asked) => respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'InProgress' } }),
  ],
  [
    'tells of another sale',
    (asked) =>
      respond(asked, {
        Response: { Result: 'Success' },
        RepeatedMessageResponse: { RepeatedResponseMessageBody: { PaymentResponse: approved(mintId()) } },
      }),
  ],
  [
    'tells of another request',
    (asked) =>
      respond(asked, {
        Response: { Result: 'Success' },
        RepeatedMessageResponse: {
          MessageHeader: { MessageCategory: 'Payment', ServiceID: 'ELSEWHERE1' },
          RepeatedResponseMessageBody: { PaymentResponse: approved(undefined) },
        },
      }),
  ],
  ['tells nothing', (asked) => respond(asked, { Response: { Result: 'Success' } })],
])('a terminal that %s leaves the outcome unknown, in bounded time', async (_what, answer) => {
  const fake = await fakeTerminal((asked) => (asked.category === 'TransactionStatus' ? answer(asked) : null));
  const driver = await opened(fake.port, { resolveMs: 300, shortMs: 100 });
  expect((await driver.resolve(attempt())).kind).toBe('stillUnknown');
});

test('a day is closed by the other reconciliation where the terminal does not offer the first', async () => {
  const fake = await fakeTerminal((asked) => {
    if (asked.category !== 'Reconciliation') return null;
    return asked.text.includes('SaleReconciliation')
      ? respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'UnavailableService' } })
      : respond(asked, {
          Response: { Result: 'Success' },
          TransactionTotals: [
            {
              PaymentCurrency: 'AZN',
              PaymentTotals: [
                { TransactionType: 'Debit', TransactionCount: 3, TransactionAmount: 30.3 },
                { TransactionType: 'ReverseDebit', TransactionCount: 1, TransactionAmount: 10.1 },
                { TransactionType: 'Failed', TransactionCount: 9, TransactionAmount: 90 },
              ],
            },
          ],
        });
  });
  const driver = await opened(fake.port);
  expect(await driver.endOfDay()).toMatchObject({ kind: 'totals', totals: { count: 2, sum: 2020 } });
});

test('an end of day whose answer is lost is unknown, totals in another currency are no totals', async () => {
  const fake = await fakeTerminal((asked) =>
    asked.category === 'GetTotals'
      ? respond(asked, {
          Response: { Result: 'Success' },
          TransactionTotals: [
            {
              PaymentCurrency: 'EUR',
              PaymentTotals: [{ TransactionType: 'Debit', TransactionCount: 1, TransactionAmount: 1 }],
            },
          ],
        })
      : null,
  );
  const driver = await opened(fake.port, { totalsMs: 100 });
  expect((await driver.endOfDay()).kind).toBe('unknown');
  expect(await driver.totals()).toMatchObject({ kind: 'unknown', reason: { code: 'currencyWrong' } });
});

test('what the terminal shows is told in our codes and its words, and answered where it wants an answer', async () => {
  const show = (event: string, text: string, wanted: boolean): string =>
    JSON.stringify({
      SaleToPOIRequest: {
        MessageHeader: {
          MessageClass: 'Device',
          MessageCategory: 'Display',
          MessageType: 'Request',
          DeviceID: '7',
        },
        DisplayRequest: {
          DisplayOutput: [
            {
              ResponseRequiredFlag: wanted,
              Device: 'CashierDisplay',
              InfoQualify: 'Status',
              OutputContent: { PredefinedContent: { ReferenceID: event }, OutputText: [{ Text: text }] },
            },
          ],
        },
      },
    });
  const fake = await fakeTerminal((asked, send) => {
    if (asked.category !== 'Payment') return null;
    send(show('TransactionID=1&event=WAIT_FOR_PIN', 'PİN', false));
    send(show('event=NEVER_HEARD_OF', 'Kart 4169730000001236', true));
    return respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'Cancel' } });
  });
  const driver = await opened(fake.port);
  const events = listen(driver);
  const one = attempt();
  await driver.pay(one, journal().hold);
  expect(events.filter(({ kind }) => kind === 'live')).toEqual([
    { kind: 'live', attemptId: one.attemptId, code: 'enterPin', text: 'PİN' },
    { kind: 'live', attemptId: one.attemptId, code: 'text', text: 'Kart 416973******1236' },
  ]);
  const written = events.flatMap((event) =>
    event.kind === 'frame' && event.direction === 'toTerminal'
      ? [Buffer.from(event.hex, 'hex').toString()]
      : [],
  );
  expect(written.filter((text) => text.includes('"DisplayResponse"'))).toHaveLength(1);
});

test('every word of the terminal gives the customer more time', async () => {
  const fake = await fakeTerminal((asked, send) => {
    if (asked.category !== 'Payment') return null;
    const event = JSON.stringify({
      SaleToPOIRequest: {
        MessageHeader: { MessageClass: 'Event', MessageCategory: 'Event', MessageType: 'Notification' },
        EventNotification: { EventToNotify: 'CardInserted' },
      },
    });
    let words = 0;
    const timer = setInterval(() => {
      words += 1;
      if (words < 8) return send(event);
      clearInterval(timer);
      send(respond(asked, approved(saleOf(asked))));
    }, 100);
    return null;
  });
  const driver = await opened(fake.port, { answerMs: 500 });
  expect((await driver.pay(attempt(), journal().hold)).kind).toBe('confirmed');
});

test('an abort that the terminal refuses is too late, and leaves the payment running', async () => {
  const simulator = await startNexoSimulator({ port: 0, over: 'tcp', paceMs: 2 });
  onTestFinished(simulator.stop);
  simulator.fault({ at: 'beforeCharge', does: 'delay', delayMs: 200 });
  const driver = nexoDriver(settingsFor(simulator, 'tcp'), benchMachine(), BENCH_TIMINGS);
  onTestFinished(() => driver.close());
  driver.open();
  await untilReady(driver);
  const events = listen(driver);
  const paying = driver.pay(attempt('sale', null), journal().hold);
  await until('the bank is asked', () =>
    events.some((event) => event.kind === 'live' && event.code === 'waitingForHost'),
  );
  expect(await driver.abort()).toBe('tooLate');
  expect((await paying).kind).toBe('confirmed');
  expect(simulator.charges()).toMatchObject([{ amount: 1010, reversed: false }]);
});

test('a terminal that has forgotten the login is logged in to again, and asked again', async () => {
  const one = attempt();
  let known = true;
  const fake = await fakeTerminal((asked) => {
    if (asked.category === 'Login') known = true;
    else if (!known) return respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'LoggedOut' } });
    if (asked.category !== 'TransactionStatus') return null;
    return respond(asked, {
      Response: { Result: 'Success' },
      RepeatedMessageResponse: { RepeatedResponseMessageBody: { PaymentResponse: approved(one.attemptId) } },
    });
  });
  const driver = await opened(fake.port);
  known = false;
  expect(await driver.resolve(one)).toMatchObject({ kind: 'charged' });
  known = false;
  expect(await driver.pay(attempt(), journal().hold)).toMatchObject({
    kind: 'declined',
    reason: { code: 'notRegistered' },
  });
  await until(
    'it logs in again',
    () => fake.asked.filter(({ category }) => category === 'Login').length === 3,
  );
});

test('one thing at a time: what comes in between is not sent', async () => {
  const fake = await fakeTerminal(() => null);
  const driver = await opened(fake.port);
  const paying = driver.pay(attempt(), journal().hold);
  expect(await driver.pay(attempt(), journal().hold)).toMatchObject({
    kind: 'notSent',
    reason: { code: 'busy' },
  });
  expect(await driver.refund(attempt('refund'), journal().hold)).toMatchObject({ kind: 'notSent' });
  expect(await driver.totals()).toMatchObject({ kind: 'failed', reason: { code: 'busy' } });
  expect(await driver.resolve(attempt())).toMatchObject({ kind: 'stillUnknown', reason: { code: 'busy' } });
  expect((await paying).kind).toBe('unknown');
  expect(fake.asked.filter(({ category }) => category === 'Payment')).toHaveLength(1);
});

test('an idle terminal that no longer answers is away, though its line stands', async () => {
  let deaf = false;
  const fake = await fakeTerminal((asked) => {
    if (asked.category !== 'Diagnosis') return null;
    return deaf ? null : respond(asked, { Response: { Result: 'Success' } });
  });
  const driver = await opened(fake.port, { heartbeatMs: 30, shortMs: 100 });
  await until(
    'it is asked how it is',
    () => fake.asked.filter(({ category }) => category === 'Diagnosis').length > 2,
  );
  expect(driver.health().state).toBe('ready');
  const states = listen(driver);
  deaf = true;
  await until('it is away', () =>
    states.some((event) => event.kind === 'health' && event.health.reason?.code === 'silent'),
  );
});

test.each<[string, (asked: Asked) => string | Buffer | null, string, string]>([
  [
    'refuses the login',
    (asked) =>
      respond(asked, {
        Response: { Result: 'Failure', ErrorCondition: 'NotAllowed', AdditionalResponse: 'no' },
      }),
    'refused',
    'functionImpossible',
  ],
  [
    'is another one',
    (asked) => respond(asked, { Response: { Result: 'Success' } }, { POIID: 'P2' }),
    'refused',
    'otherTerminal',
  ],
  ['sends noise', () => encodeFrame('\u0000\u0001'), 'away', 'notThisProtocol'],
  ['sends a banner', () => Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), 'away', 'notThisProtocol'],
  ['stays silent', () => Buffer.alloc(0), 'away', 'silent'],
])('at the login: a terminal that %s', async (_what, answer, state, code) => {
  const fake = await fakeTerminal((asked) => (asked.category === 'Login' ? answer(asked) : null));
  const driver = nexoDriver(settings(fake.port), benchMachine(), {
    ...BENCH_TIMINGS,
    loginMs: 100,
    shortMs: 50,
  });
  onTestFinished(() => driver.close());
  driver.open();
  await until('it is said', () => driver.health().reason?.code === code);
  expect(driver.health()).toMatchObject({ state, simulator: false });
  expect((await driver.pay(attempt(), journal().hold)).kind).toBe('notSent');
  expect(fake.asked.every(({ category }) => category !== 'Payment')).toBe(true);
});

test('a terminal that offers no login but answers a diagnosis can be worked with', async () => {
  const fake = await fakeTerminal((asked) => {
    if (asked.category === 'Diagnosis') return respond(asked, { Response: { Result: 'Success' } });
    if (asked.category !== 'Login') return null;
    return respond(asked, { Response: { Result: 'Failure', ErrorCondition: 'UnavailableService' } });
  });
  const driver = await opened(fake.port);
  expect(driver.health()).toMatchObject({ state: 'ready', terminalId: 'P1' });
});
