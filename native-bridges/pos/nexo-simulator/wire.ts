import { z } from 'zod';

/** The simulator's own reading and writing of nexo JSON, apart from the driver's. */

const requestSchema = z.object({
  SaleToPOIRequest: z.looseObject({
    MessageHeader: z.object({
      MessageClass: z.string(),
      MessageCategory: z.string(),
      MessageType: z.literal('Request'),
      ServiceID: z.string().min(1).max(10),
      SaleID: z.string().min(1),
      POIID: z.string().min(1),
      ProtocolVersion: z.string(),
    }),
  }),
});
const responseSchema = z.object({ SaleToPOIResponse: z.looseObject({}) });

export type Asked = {
  readonly category: string;
  readonly serviceId: string;
  readonly saleId: string;
  readonly poiId: string;
  /** The part behind the header, `PaymentRequest` and the like. */
  readonly body: unknown;
};

/** A request of the till; `answer` for its answers to our displays; null for anything else. */
export function readRequest(text: string): Asked | 'answer' | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (responseSchema.safeParse(json).success) return 'answer';
  const read = requestSchema.safeParse(json);
  if (!read.success) return null;
  const { MessageHeader: header, ...parts } = read.data.SaleToPOIRequest;
  return {
    category: header.MessageCategory,
    serviceId: header.ServiceID,
    saleId: header.SaleID,
    poiId: header.POIID,
    body: parts[`${header.MessageCategory}Request`],
  };
}

export const referenceSchema = z.object({
  MessageCategory: z.string().optional(),
  ServiceID: z.string(),
  SaleID: z.string().optional(),
});
export const paymentSchema = z.object({
  SaleData: z.object({ SaleTransactionID: z.object({ TransactionID: z.string(), TimeStamp: z.string() }) }),
  PaymentTransaction: z.object({
    AmountsReq: z.object({ Currency: z.string(), RequestedAmount: z.number() }),
  }),
  PaymentData: z.object({ PaymentType: z.enum(['Normal', 'Refund']) }).optional(),
});
export const reversalSchema = z.object({
  SaleData: z.object({ SaleTransactionID: z.object({ TransactionID: z.string() }) }).optional(),
  OriginalPOITransaction: z.object({
    POITransactionID: z.object({ TransactionID: z.string(), TimeStamp: z.string() }),
  }),
  ReversedAmount: z.number().optional(),
  ReversalReason: z.string(),
});
export const statusSchema = z.object({
  ReceiptReprintFlag: z.boolean().optional(),
  MessageReference: referenceSchema.optional(),
});
export const abortSchema = z.object({ MessageReference: referenceSchema, AbortReason: z.string() });
export const reconciliationSchema = z.object({
  ReconciliationType: z.enum(['SaleReconciliation', 'AcquirerReconciliation']),
});

export type Parts = Record<string, unknown>;

/** The text of an answer to a request. */
export const answerText = (asked: Omit<Asked, 'body'>, parts: Parts): string =>
  JSON.stringify({
    SaleToPOIResponse: {
      MessageHeader: {
        ProtocolVersion: '3.0',
        MessageClass: 'Service',
        MessageCategory: asked.category,
        MessageType: 'Response',
        ServiceID: asked.serviceId,
        SaleID: asked.saleId,
        POIID: asked.poiId,
      },
      ...parts,
    },
  });

/** A message of the terminal's own accord. */
export const noticeText = (
  names: { readonly saleId: string; readonly poiId: string },
  header: {
    readonly messageClass: string;
    readonly category: string;
    readonly type: 'Request' | 'Notification';
  },
  parts: Parts,
): string =>
  JSON.stringify({
    SaleToPOIRequest: {
      MessageHeader: {
        ProtocolVersion: '3.0',
        MessageClass: header.messageClass,
        MessageCategory: header.category,
        MessageType: header.type,
        DeviceID: '1',
        SaleID: names.saleId,
        POIID: names.poiId,
      },
      ...parts,
    },
  });

export const success = { Result: 'Success' } as const;
export const failure = (condition: string, words?: string) => ({
  Result: 'Failure',
  ErrorCondition: condition,
  ...(words === undefined ? {} : { AdditionalResponse: words }),
});

/** Minor units of the number that stands in JSON; the simulator takes whole qəpik only. */
export const minorUnits = (major: number): number => Math.round(major * 100);
/** For JSON: 1010 → 10.1, the shortest writing, as terminals do. */
export const majorUnits = (minor: number): number =>
  Number(`${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`);
