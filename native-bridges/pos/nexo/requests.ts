import { CURRENCY } from '../../../contracts/money.ts';
import type { Id } from '../../../contracts/ids.ts';
import type { PosKind } from '../../../contracts/pos.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import { decimalOf } from './amount.ts';
import { decimal, jsonText, type Json } from './json.ts';
import { serviceIdOf } from './service-id.ts';

/** Who speaks to whom. */
export type Parties = { readonly saleId: string; readonly poiId: string };

export type Category =
  | 'Login'
  | 'Logout'
  | 'Diagnosis'
  | 'Payment'
  | 'Reversal'
  | 'TransactionStatus'
  | 'Abort'
  | 'Reconciliation'
  | 'GetTotals';

/** One request: its category, its name on the line, and the body behind the header. */
export type Request = { readonly category: Category; readonly serviceId: string; readonly body: Json };

/** The whole message of a request. */
export const requestText = ({ saleId, poiId }: Parties, { category, serviceId, body }: Request): string =>
  jsonText({
    SaleToPOIRequest: {
      MessageHeader: {
        ProtocolVersion: '3.0',
        MessageClass: 'Service',
        MessageCategory: category,
        MessageType: 'Request',
        SaleID: saleId,
        ServiceID: serviceId,
        POIID: poiId,
      },
      [`${category}Request`]: body,
    },
  });

/** The category under which an attempt of a kind is sent and asked for. */
export const categoryOf = (kind: PosKind): 'Payment' | 'Reversal' =>
  kind === 'reversal' ? 'Reversal' : 'Payment';

const saleData = (attemptId: Id, nowIso: string): Json => ({
  SaleTransactionID: { TransactionID: attemptId, TimeStamp: nowIso },
});

/** The financial request of an attempt; null when a reversal's original has no name that a terminal would know. */
export function attemptRequest(attempt: PosAttempt, nowIso: string): Request | null {
  const serviceId = serviceIdOf(attempt.attemptId);
  if (attempt.kind !== 'reversal') {
    return {
      category: 'Payment',
      serviceId,
      body: {
        SaleData: saleData(attempt.attemptId, nowIso),
        PaymentTransaction: {
          AmountsReq: { Currency: CURRENCY, RequestedAmount: decimal(decimalOf(attempt.amount)) },
        },
        PaymentData: { PaymentType: attempt.kind === 'refund' ? 'Refund' : 'Normal' },
      },
    };
  }
  const { receiptNo, trace } = attempt.original ?? {};
  if (!receiptNo || !trace) return null;
  return {
    category: 'Reversal',
    serviceId,
    body: {
      SaleData: saleData(attempt.attemptId, nowIso),
      OriginalPOITransaction: { POITransactionID: { TransactionID: receiptNo, TimeStamp: trace } },
      ReversedAmount: decimal(decimalOf(attempt.amount)),
      ReversalReason: 'MerchantCancel',
    },
  };
}

const referenceTo = ({ saleId, poiId }: Parties, attempt: Pick<PosAttempt, 'attemptId' | 'kind'>): Json => ({
  MessageCategory: categoryOf(attempt.kind),
  ServiceID: serviceIdOf(attempt.attemptId),
  SaleID: saleId,
  POIID: poiId,
});

const BOTH_PAPERS = ['CustomerReceipt', 'CashierReceipt'];

/** Asks for an attempt by its name; for the terminal's last transaction when `attempt` is null. */
export const statusBody = (
  parties: Parties,
  attempt: Pick<PosAttempt, 'attemptId' | 'kind'> | null,
): Json => ({
  ReceiptReprintFlag: true,
  DocumentQualifier: BOTH_PAPERS,
  MessageReference: attempt === null ? undefined : referenceTo(parties, attempt),
});

/** Asks the terminal to stop an attempt. */
export const abortBody = (parties: Parties, attempt: Pick<PosAttempt, 'attemptId' | 'kind'>): Json => ({
  MessageReference: referenceTo(parties, attempt),
  AbortReason: 'MerchantAbort',
});

export const loginBody = (nowIso: string): Json => ({
  DateTime: nowIso,
  SaleSoftware: {
    ManufacturerID: 'KOMIS',
    ApplicationName: 'KOMIS',
    SoftwareVersion: '1',
    CertificationCode: 'none',
  },
  SaleTerminalData: {
    TerminalEnvironment: 'Attended',
    SaleCapabilities: ['CashierStatus', 'CashierError', 'CashierDisplay', 'PrinterReceipt'],
  },
  OperatorLanguage: 'az',
});

/** The answer to a display request that wants one. */
export const displayAnswerText = (
  { saleId, poiId }: Parties,
  names: { readonly serviceId: string | null; readonly deviceId: string | null },
  outputs: readonly { readonly device: string; readonly infoQualify: string }[],
): string =>
  jsonText({
    SaleToPOIResponse: {
      MessageHeader: {
        ProtocolVersion: '3.0',
        MessageClass: 'Device',
        MessageCategory: 'Display',
        MessageType: 'Response',
        SaleID: saleId,
        ServiceID: names.serviceId ?? undefined,
        DeviceID: names.deviceId ?? undefined,
        POIID: poiId,
      },
      DisplayResponse: {
        OutputResult: outputs.map(({ device, infoQualify }) => ({
          Device: device,
          InfoQualify: infoQualify,
          Response: { Result: 'Success' },
        })),
      },
    },
  });
