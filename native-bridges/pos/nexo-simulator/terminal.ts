import type { Book, Charge, Transaction } from './book.ts';
import { totalsOf } from './book.ts';
import { ENDINGS, type Customer, type Ending } from './customer.ts';
import type { FaultPlan, FaultPoint } from './faults.ts';
import { papersOf } from './papers.ts';
import {
  abortSchema,
  failure,
  majorUnits,
  minorUnits,
  noticeText,
  paymentSchema,
  reconciliationSchema,
  reversalSchema,
  statusSchema,
  success,
  type Asked,
  type Parts,
} from './wire.ts';

/** The card that is always presented. A test number. */
const PAN = '4169730000001236';
const MASKED = '416973 **** 1236';

/** What the terminal needs of the world around it. */
export type Surroundings = {
  readonly book: Book;
  readonly keep: () => void;
  readonly faults: FaultPlan;
  readonly poiId: string;
  readonly paceMs: number;
  readonly customer: () => Customer;
  readonly notify: (text: string) => void;
  /** Breaks the line, or the power; true when that ends what the terminal does. */
  readonly strike: (at: FaultPoint, category: string) => Promise<boolean>;
  readonly nowMs: () => number;
  /** How often TransactionStatus says InProgress although all is done. */
  readonly slowToTell: () => boolean;
};

type Work = {
  readonly transaction: Transaction;
  stage: 'customer' | 'host';
  abort: () => void;
};

/** Requests the terminal answers with parts of a message; null where it does not answer. */
export type Terminal = {
  readonly handle: (asked: Asked) => Promise<Parts | null>;
  /** The power goes: whatever is under way is forgotten. */
  readonly die: () => void;
  /** The waiting customer decides. */
  readonly decide: (customer: Exclude<Customer, 'wait'>) => void;
};

/** One life of the terminal, from power on to power off. */
export function terminal(world: Surroundings): Terminal {
  const { book, keep } = world;
  let alive = true;
  let work: Work | null = null;
  let decide: (customer: Exclude<Customer, 'wait'>) => void = () => undefined;
  const logins = new Set<string>();

  function reverse(charge: Charge, by: string | null): void {
    charge.reversed = true;
    charge.reversedOnDay = book.day;
    charge.reversedBy = by;
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const stamp = (): string => new Date(world.nowMs()).toISOString();
  const newId = (): { TransactionID: string; TimeStamp: string } => {
    const number = book.next++;
    return {
      TransactionID: `SIM1${String(number).padStart(8, '0')}.${world.poiId.slice(0, 20)}`,
      TimeStamp: stamp(),
    };
  };

  function show(saleId: string, event: string, text: string): void {
    const reference = new URLSearchParams({ TimeStamp: stamp(), event }).toString();
    world.notify(
      noticeText(
        { saleId, poiId: world.poiId },
        { messageClass: 'Device', category: 'Display', type: 'Request' },
        {
          DisplayRequest: {
            DisplayOutput: [
              {
                ResponseRequiredFlag: true,
                Device: 'CashierDisplay',
                InfoQualify: 'Status',
                OutputContent: {
                  OutputFormat: 'MessageRef',
                  PredefinedContent: { ReferenceID: reference },
                  OutputText: [{ Text: text }],
                },
              },
            ],
          },
        },
      ),
    );
  }

  /** Waits for the customer; an abort of the till ends it as well. */
  async function customerActs(own: Work): Promise<Ending> {
    const aborted = new Promise<Ending>((resolve) => {
      own.abort = () => resolve({ approved: false, condition: 'Aborted', words: 'message=MERCHANT_ABORT' });
    });
    const scripted = world.customer();
    const decided = new Promise<Exclude<Customer, 'wait'>>((resolve) => {
      decide = resolve;
    });
    const acts =
      scripted === 'wait' ? decided : pause(world.paceMs).then((): Exclude<Customer, 'wait'> => scripted);
    return Promise.race([aborted, acts.then((does) => ENDINGS[does])]);
  }

  function failed(transaction: Transaction, response: object): Parts {
    const saleData = {
      SaleTransactionID: { TransactionID: transaction.saleTransactionId, TimeStamp: stamp() },
    };
    return transaction.category === 'Payment'
      ? { PaymentResponse: { Response: response, SaleData: saleData, POIData: {} } }
      : { ReversalResponse: { Response: response, SaleData: saleData, POIData: {} } };
  }

  function finish(transaction: Transaction, answer: Parts): Parts {
    transaction.answer = answer;
    work = null;
    keep();
    return answer;
  }

  function begin(asked: Asked, category: Transaction['category'], saleTransactionId: string): Work {
    const transaction: Transaction = {
      saleId: asked.saleId,
      serviceId: asked.serviceId,
      category,
      saleTransactionId,
      answer: null,
    };
    book.transactions.push(transaction);
    keep();
    const own: Work = { transaction, stage: 'customer', abort: () => undefined };
    work = own;
    return own;
  }

  async function payment(asked: Asked): Promise<Parts | null> {
    const read = paymentSchema.safeParse(asked.body);
    if (!read.success) return { PaymentResponse: { Response: failure('MessageFormat', read.error.message) } };
    const { SaleTransactionID: sale } = read.data.SaleData;
    const { Currency: currency, RequestedAmount: requested } = read.data.PaymentTransaction.AmountsReq;
    const kind = read.data.PaymentData?.PaymentType === 'Refund' ? 'refund' : 'sale';
    const amount = minorUnits(requested);
    const own = begin(asked, 'Payment', sale.TransactionID);
    if (currency !== 'AZN') {
      return finish(own.transaction, failed(own.transaction, failure('NotAllowed', 'message=Currency')));
    }
    show(asked.saleId, 'TENDER_CREATED', 'Kartı təqdim edin');
    if (await world.strike('display', asked.category)) return null;
    const ending = await customerActs(own);
    if (!alive) return null;
    if (!ending.approved) {
      return finish(own.transaction, failed(own.transaction, failure(ending.condition, ending.words)));
    }
    own.stage = 'host';
    show(asked.saleId, 'CARD_INSERTED', 'Kart oxunur');
    show(asked.saleId, 'PROCESSING_TENDER', 'Banka müraciət');
    if (await world.strike('beforeCharge', asked.category)) return null;
    await pause(world.paceMs);
    if (!alive) return null;
    const poi = newId();
    book.charges.push({
      saleTransactionId: sale.TransactionID,
      poiTransactionId: poi.TransactionID,
      poiTimeStamp: poi.TimeStamp,
      kind,
      amount,
      reversed: false,
      day: book.day,
      reversedOnDay: null,
      reversedBy: null,
    });
    keep();
    if (await world.strike('afterCharge', asked.category)) return null;
    show(asked.saleId, 'APPROVED', 'Təsdiq edildi');
    return finish(own.transaction, {
      PaymentResponse: {
        Response: { ...success, AdditionalResponse: `cardNumber=${MASKED.replaceAll(' ', '')}` },
        SaleData: { SaleTransactionID: sale },
        POIData: { POITransactionID: poi, POIReconciliationID: String(book.day) },
        PaymentResult: {
          PaymentType: kind === 'refund' ? 'Refund' : 'Normal',
          OnlineFlag: true,
          PaymentInstrumentData: {
            PaymentInstrumentType: 'Card',
            CardData: { PaymentBrand: 'visa', MaskedPan: MASKED, EntryMode: ['ICC'] },
          },
          AmountsResp: { Currency: 'AZN', AuthorizedAmount: majorUnits(amount) },
          PaymentAcquirerData: {
            AcquirerPOIID: world.poiId,
            MerchantID: 'KOMIS',
            ApprovalCode: String(100_000 + book.next),
          },
        },
        PaymentReceipt: papersOf({
          kind: kind === 'refund' ? 'QAYTARMA' : 'SATIŞ',
          amount,
          poiTransactionId: poi.TransactionID,
          poiTimeStamp: poi.TimeStamp,
          pan: PAN,
        }),
      },
    });
  }

  async function reversal(asked: Asked): Promise<Parts | null> {
    const read = reversalSchema.safeParse(asked.body);
    if (!read.success)
      return { ReversalResponse: { Response: failure('MessageFormat', read.error.message) } };
    const { TransactionID: id, TimeStamp: time } = read.data.OriginalPOITransaction.POITransactionID;
    const own = begin(
      asked,
      'Reversal',
      read.data.SaleData?.SaleTransactionID.TransactionID ?? asked.serviceId,
    );
    own.stage = 'host';
    const charge = book.charges.find((one) => one.poiTransactionId === id && one.poiTimeStamp === time);
    if (await world.strike('beforeCharge', asked.category)) return null;
    await pause(world.paceMs);
    if (!alive) return null;
    const refuse = (condition: string, words: string): Parts =>
      finish(own.transaction, failed(own.transaction, failure(condition, words)));
    if (charge === undefined) return refuse('NotFound', 'message=ORIGINAL_NOT_FOUND');
    if (charge.reversed) return refuse('NotAllowed', 'message=ALREADY_REVERSED');
    if (charge.day !== book.day) return refuse('NotAllowed', 'message=REVERSAL_NOT_POSSIBLE');
    const amount = minorUnits(read.data.ReversedAmount ?? majorUnits(charge.amount));
    if (amount !== charge.amount) return refuse('NotAllowed', 'message=INVALID_AMOUNT');
    reverse(charge, asked.serviceId);
    keep();
    if (await world.strike('afterCharge', asked.category)) return null;
    return finish(own.transaction, reversalMade(charge));
  }

  function reversalMade({ amount }: Charge): Parts {
    const poi = newId();
    return {
      ReversalResponse: {
        Response: success,
        POIData: { POITransactionID: poi, POIReconciliationID: String(book.day) },
        ReversedAmount: majorUnits(amount),
        PaymentReceipt: papersOf({
          kind: 'LƏĞV',
          amount,
          poiTransactionId: poi.TransactionID,
          poiTimeStamp: poi.TimeStamp,
          pan: PAN,
        }),
      },
    };
  }

  function status(asked: Asked): Parts {
    const read = statusSchema.safeParse(asked.body ?? {});
    const answer = (response: object, more: object = {}): Parts => ({
      TransactionStatusResponse: { Response: response, ...more },
    });
    if (!read.success) return answer(failure('MessageFormat'));
    const reference = read.data.MessageReference;
    const transaction = reference
      ? book.transactions.find(
          ({ serviceId, saleId }) =>
            serviceId === reference.ServiceID && saleId === (reference.SaleID ?? asked.saleId),
        )
      : book.transactions.findLast((one) => one.answer !== null);
    if (transaction === undefined) return answer(failure('NotFound'));
    if (transaction.answer === null || (reference !== undefined && world.slowToTell())) {
      return answer(failure('InProgress'), { MessageReference: reference });
    }
    return answer(success, {
      MessageReference: reference,
      RepeatedMessageResponse: {
        MessageHeader: {
          MessageClass: 'Service',
          MessageCategory: transaction.category,
          MessageType: 'Response',
          ServiceID: transaction.serviceId,
          SaleID: transaction.saleId,
          POIID: world.poiId,
        },
        RepeatedResponseMessageBody: transaction.answer,
      },
    });
  }

  function abort(asked: Asked): null {
    const read = abortSchema.safeParse(asked.body);
    const stoppable =
      read.success &&
      work !== null &&
      work.stage === 'customer' &&
      work.transaction.serviceId === read.data.MessageReference.ServiceID;
    if (stoppable) work?.abort();
    else {
      world.notify(
        noticeText(
          { saleId: asked.saleId, poiId: world.poiId },
          { messageClass: 'Event', category: 'Event', type: 'Notification' },
          {
            EventNotification: {
              TimeStamp: stamp(),
              EventToNotify: 'Reject',
              EventDetails: 'Nothing that could be aborted',
              RejectedMessage: Buffer.from(JSON.stringify({ AbortRequest: asked.body })).toString('base64'),
            },
          },
        ),
      );
    }
    return null;
  }

  const totals = (): object => ({
    POIReconciliationID: String(book.day),
    TransactionTotals: [
      {
        PaymentInstrumentType: 'Card',
        CardBrand: 'visa',
        PaymentCurrency: 'AZN',
        PaymentTotals: Object.entries(totalsOf(book))
          .filter(([, { count }]) => count > 0)
          .map(([type, { count, sum }]) => ({
            TransactionType: type,
            TransactionCount: count,
            TransactionAmount: majorUnits(sum),
          })),
      },
    ],
  });

  function reconciliation(asked: Asked): Parts {
    const read = reconciliationSchema.safeParse(asked.body);
    if (!read.success) return { ReconciliationResponse: { Response: failure('MessageFormat') } };
    const answer = {
      ReconciliationResponse: {
        Response: success,
        ReconciliationType: read.data.ReconciliationType,
        ...totals(),
      },
    };
    if (read.data.ReconciliationType === 'SaleReconciliation') book.day += 1;
    keep();
    return answer;
  }

  const login = (asked: Asked): Parts => {
    logins.add(asked.saleId);
    return {
      LoginResponse: {
        Response: success,
        POISystemData: {
          DateTime: stamp(),
          POISoftware: {
            ManufacturerID: 'KOMIS',
            ApplicationName: 'nexo SIMULATOR',
            SoftwareVersion: '1.0',
            CertificationCode: 'SIMULATOR',
          },
          POITerminalData: {
            TerminalEnvironment: 'Attended',
            POICapabilities: ['CashierDisplay', 'ICC', 'MagStripe'],
            POISerialNumber: world.poiId.slice(0, 40),
          },
          POIStatus: { GlobalStatus: work === null ? 'OK' : 'Busy', PrinterStatus: 'OK' },
        },
      },
    };
  };

  // What was under way when the power went: a charge is taken back, a reversal that was made stays made.
  for (const transaction of book.transactions.filter(({ answer }) => answer === null)) {
    const reversed = book.charges.find(({ reversedBy }) => reversedBy === transaction.serviceId);
    if (reversed !== undefined) {
      transaction.answer = reversalMade(reversed);
      continue;
    }
    for (const charge of book.charges) {
      const own = charge.saleTransactionId === transaction.saleTransactionId;
      if (own && !charge.reversed && transaction.category === 'Payment') reverse(charge, null);
    }
    transaction.answer = failed(transaction, failure('Aborted', 'message=POWER_FAILURE'));
  }
  keep();

  async function handle(asked: Asked): Promise<Parts | null> {
    const { category } = asked;
    if (asked.poiId !== world.poiId) return { [`${category}Response`]: { Response: failure('NotFound') } };
    if (category === 'Login') return login(asked);
    if (!logins.has(asked.saleId)) return { [`${category}Response`]: { Response: failure('LoggedOut') } };
    if (category === 'Payment' || category === 'Reversal') {
      // The same name again is the same request: it is answered again and never done again.
      const known = book.transactions.find(
        (one) => one.saleId === asked.saleId && one.serviceId === asked.serviceId,
      );
      if (known !== undefined) return known.answer;
      if (work !== null) return { [`${category}Response`]: { Response: failure('Busy') } };
      return category === 'Payment' ? payment(asked) : reversal(asked);
    }
    switch (category) {
      case 'Logout':
        logins.delete(asked.saleId);
        return { LogoutResponse: { Response: success } };
      case 'Diagnosis':
        return {
          DiagnosisResponse: {
            Response: success,
            LoggedSaleID: [...logins],
            POIStatus: { GlobalStatus: work === null ? 'OK' : 'Busy', PrinterStatus: 'OK' },
            HostStatus: [{ AcquirerID: 'SIMULATOR', IsReachableFlag: true }],
          },
        };
      case 'TransactionStatus':
        return status(asked);
      case 'Abort':
        return abort(asked);
      case 'GetTotals':
        return { GetTotalsResponse: { Response: success, ...totals() } };
      case 'Reconciliation':
        return reconciliation(asked);
      default:
        return { [`${category}Response`]: { Response: failure('UnavailableService') } };
    }
  }

  return {
    handle,
    die() {
      alive = false;
    },
    decide: (customer) => decide(customer),
  };
}
