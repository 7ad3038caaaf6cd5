import { z } from 'zod';
import { readJson } from './json.ts';

/**
 * What a terminal sends, as far as it is read here. Fields that are not known are passed over; `null` counts as absent,
 * as some terminals write it.
 */

const headerSchema = z.object({
  MessageClass: z.string().nullish(),
  MessageCategory: z.string(),
  MessageType: z.string().nullish(),
  ServiceID: z.string().nullish(),
  DeviceID: z.string().nullish(),
  SaleID: z.string().nullish(),
  POIID: z.string().nullish(),
});
export type Header = z.infer<typeof headerSchema>;

const partsSchema = z.record(z.string(), z.unknown());
/** The parts of a message beside its header, by their names (`PaymentResponse`, …). */
export type Parts = z.infer<typeof partsSchema>;

const envelopeSchema = z.object({
  SaleToPOIResponse: partsSchema.nullish(),
  SaleToPOIRequest: partsSchema.nullish(),
});

export type Incoming =
  | { readonly kind: 'response' | 'request'; readonly header: Header; readonly parts: Parts }
  | { readonly kind: 'malformed'; readonly why: string };

/** A message of the terminal: an answer, or a request or notification of its own. */
export function readMessage(text: string): Incoming {
  const envelope = envelopeSchema.safeParse(readJson(text));
  if (!envelope.success) return { kind: 'malformed', why: 'no JSON object' };
  const { SaleToPOIResponse: response, SaleToPOIRequest: request } = envelope.data;
  const parts = response ?? request;
  if (!parts) return { kind: 'malformed', why: 'neither SaleToPOIResponse nor SaleToPOIRequest' };
  const header = headerSchema.safeParse(parts.MessageHeader);
  if (!header.success) return { kind: 'malformed', why: 'no MessageHeader' };
  return { kind: response ? 'response' : 'request', header: header.data, parts };
}

export const responseSchema = z.object({
  Result: z.string(),
  ErrorCondition: z.string().nullish(),
  AdditionalResponse: z.string().nullish(),
});
export type ResponsePart = z.infer<typeof responseSchema>;

/** What every answer has. */
export const answerSchema = z.object({ Response: responseSchema });

/** Digits of an amount; a terminal that sends it as a string is understood as well. */
const amountText = z.string();

const transactionIdSchema = z.object({ TransactionID: z.string(), TimeStamp: z.string().nullish() });

const outputSchema = z.object({
  OutputText: z
    .array(z.object({ Text: z.string().nullish() }))
    .or(z.object({ Text: z.string().nullish() }).transform((one) => [one]))
    .nullish(),
  PredefinedContent: z.object({ ReferenceID: z.string().nullish() }).nullish(),
});

export const receiptSchema = z.object({
  DocumentQualifier: z.string(),
  OutputContent: outputSchema.nullish(),
});
export type ReceiptPart = z.infer<typeof receiptSchema>;

export const paymentResponseSchema = z.object({
  Response: responseSchema,
  SaleData: z.object({ SaleTransactionID: transactionIdSchema.nullish() }).nullish(),
  POIData: z.object({ POITransactionID: transactionIdSchema.nullish() }).nullish(),
  PaymentResult: z
    .object({
      PaymentInstrumentData: z
        .object({
          CardData: z
            .object({
              PaymentBrand: z.string().nullish(),
              MaskedPan: z.string().nullish(),
              MaskedPAN: z.string().nullish(),
            })
            .nullish(),
        })
        .nullish(),
      AmountsResp: z
        .object({ Currency: z.string().nullish(), AuthorizedAmount: amountText.nullish() })
        .nullish(),
      PaymentAcquirerData: z.object({ ApprovalCode: z.string().nullish() }).nullish(),
    })
    .nullish(),
  PaymentReceipt: z.array(receiptSchema).nullish(),
});
export type PaymentResponse = z.infer<typeof paymentResponseSchema>;

export const reversalResponseSchema = z.object({
  Response: responseSchema,
  SaleData: z.object({ SaleTransactionID: transactionIdSchema.nullish() }).nullish(),
  POIData: z.object({ POITransactionID: transactionIdSchema.nullish() }).nullish(),
  ReversedAmount: amountText.nullish(),
  PaymentReceipt: z.array(receiptSchema).nullish(),
});
export type ReversalResponse = z.infer<typeof reversalResponseSchema>;

export const statusResponseSchema = z.object({
  Response: responseSchema,
  RepeatedMessageResponse: z
    .object({ MessageHeader: headerSchema.nullish(), RepeatedResponseMessageBody: partsSchema.nullish() })
    .nullish(),
});

const poiStatusSchema = z.object({
  GlobalStatus: z.string().nullish(),
  PrinterStatus: z.string().nullish(),
});

export const loginResponseSchema = z.object({
  Response: responseSchema,
  POISystemData: z
    .object({
      DateTime: z.string().nullish(),
      POISoftware: z
        .object({
          ManufacturerID: z.string().nullish(),
          ApplicationName: z.string().nullish(),
          SoftwareVersion: z.string().nullish(),
        })
        .nullish(),
      POITerminalData: z
        .object({
          POISerialNumber: z.string().nullish(),
          POICapabilities: z.array(z.string()).nullish(),
        })
        .nullish(),
      POIStatus: poiStatusSchema.nullish(),
    })
    .nullish(),
});
export type LoginResponse = z.infer<typeof loginResponseSchema>;

export const diagnosisResponseSchema = z.object({
  Response: responseSchema,
  POIStatus: poiStatusSchema.nullish(),
  HostStatus: z.array(z.object({ IsReachableFlag: z.boolean().nullish() })).nullish(),
});

const totalsPart = z
  .array(
    z.object({
      PaymentCurrency: z.string().nullish(),
      PaymentTotals: z
        .array(
          z.object({
            TransactionType: z.string(),
            TransactionCount: z.int().min(0),
            TransactionAmount: amountText,
          }),
        )
        .nullish(),
    }),
  )
  .nullish();

export const totalsResponseSchema = z.object({
  Response: responseSchema,
  TransactionTotals: totalsPart,
});

export const displayRequestSchema = z.object({
  DisplayOutput: z
    .array(
      z.object({
        ResponseRequiredFlag: z.boolean().nullish(),
        Device: z.string().nullish(),
        InfoQualify: z.string().nullish(),
        OutputContent: outputSchema.nullish(),
      }),
    )
    .nullish(),
});

export const eventSchema = z.object({
  EventToNotify: z.string(),
  EventDetails: z.string().nullish(),
  RejectedMessage: z.string().nullish(),
});
