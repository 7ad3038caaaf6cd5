import type { Failure } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { BAD_RECORD_TEXTS, type RecordFault } from './record-check.ts';
import { attributeText } from './list-writer.ts';

/** A record that was not taken, placed in the file. Records and lines count from 1. */
export type NamedBadRecord = {
  readonly record: number;
  readonly line: number;
  readonly account: string | null;
  readonly fault: RecordFault;
};

/** What a list changed. */
export type ListCounts = {
  readonly records: number;
  readonly bad: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deactivated: number;
};

/** What the centre answers to a list. */
export type Acknowledgement = {
  readonly listId: string;
  readonly company: string;
  readonly fileName: string;
  readonly sha256: string | null;
  readonly receivedAt: Instant;
  readonly head: {
    readonly seq: number;
    readonly kind: 'full' | 'delta';
    readonly asOf: Instant;
    readonly paymentsThrough: Instant;
  } | null;
  readonly signed: boolean;
  readonly counts: ListCounts | null;
  readonly refusal: Failure<ErrorCode> | null;
  readonly badRecords: readonly NamedBadRecord[];
};

export const ACKNOWLEDGEMENT_NAMESPACE = 'urn:komis:list-acknowledgement:1';
/** Bad records named one by one; the rest is counted. */
export const NAMED_BAD_RECORDS = 1000;

/** The answer as an XML document (docs/formats/list.md). */
export function acknowledgementXml(answer: Acknowledgement): string {
  const { head, counts, refusal } = answer;
  const out = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element('listAcknowledgement', {
      xmlns: ACKNOWLEDGEMENT_NAMESPACE,
      version: '1.0',
      id: answer.listId,
      company: answer.company,
      outcome: refusal ? 'refused' : 'applied',
      receivedAt: answer.receivedAt,
    }),
    `  ${element('file', { name: answer.fileName, sha256: answer.sha256, signed: String(answer.signed) }, true)}`,
  ];
  if (head)
    out.push(
      `  ${element('list', { seq: head.seq, kind: head.kind, asOf: head.asOf, paymentsThrough: head.paymentsThrough }, true)}`,
    );
  if (counts) out.push(`  ${element('counts', { ...counts }, true)}`);
  if (refusal) {
    const { line, record } = refusal.detail ?? {};
    out.push(
      `  ${element('refusal', { code: refusal.code, line, record })}${text(refusalText(refusal))}</refusal>`,
    );
  }
  const named = answer.badRecords.slice(0, NAMED_BAD_RECORDS);
  const bad = Math.max(counts?.bad ?? 0, answer.badRecords.length);
  if (bad > 0) {
    out.push(`  ${element('badRecords', { count: bad, named: named.length })}`);
    for (const { record, line, account, fault } of named) {
      out.push(
        `    ${element('badRecord', { record, line, account, code: fault.code, field: fault.field })}${text(faultText(fault))}</badRecord>`,
      );
    }
    out.push('  </badRecords>');
  }
  return `${out.join('\n')}\n</listAcknowledgement>\n`;
}

/** `bill amount "38,40" is not an amount …`. */
export const faultText = (fault: RecordFault): string =>
  [
    fault.field,
    ...(fault.value === undefined ? [] : [`"${fault.value}"`]),
    BAD_RECORD_TEXTS[fault.code],
  ].join(' ');

/** The failure's English text with its figures filled in. */
export const refusalText = ({ code, detail }: Failure<ErrorCode>): string =>
  ERRORS[code].text.en.replace(/\{(\w+)\}/g, (whole, name: string) => String(detail?.[name] ?? whole));

function element(
  name: string,
  attributes: Readonly<Record<string, string | number | null | undefined>>,
  empty = false,
): string {
  const written = Object.entries(attributes)
    .filter((pair): pair is [string, string | number] => pair[1] !== null && pair[1] !== undefined)
    .map(([key, value]) => ` ${key}="${attributeText(printable(String(value)))}"`);
  return `<${name}${written.join('')}${empty ? '/' : ''}>`;
}

const text = (value: string): string => attributeText(printable(value));

/** What came from a bad file goes into a good document: nothing that XML cannot hold. */
const printable = (value: string): string =>
  // oxlint-disable-next-line no-control-regex -- what it replaces
  value.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
