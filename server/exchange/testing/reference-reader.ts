import { SaxesParser } from 'saxes';
import { checkRecord, type RecordTerms } from '../record-check.ts';
import { stageRow } from '../stage-row.ts';

/**
 * Reads a whole list the simplest way there is: one conforming parser, one string, no blocks, no bounds. What the real
 * reader is held against. Gives the stage rows with absolute record and line, or `undefined` when the text is not
 * well-formed or not a list.
 */
export function referenceRows(text: string, terms: RecordTerms): string[] | undefined {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const rows: string[] = [];
  let depth = 0;
  let records = 0;
  let line = 0;
  let tagLine = 0;
  let element = '';
  let attributes = new Map<string, string>();
  let bills: Map<string, string>[] = [];
  let fault: Parameters<typeof checkRecord>[0]['structureFault'];
  let wrong = false;
  const fail = (): void => {
    wrong = true;
  };
  const known: Readonly<Record<string, readonly string[]>> = {
    account: ['no', 'holder', 'address', 'district', 'phone'],
    removed: ['no'],
    bill: ['no', 'period', 'amount', 'due'],
  };
  parser.on('error', fail);
  parser.on('doctype', fail);
  parser.on('opentagstart', () => {
    tagLine = parser.column === 0 ? parser.line - 1 : parser.line;
  });
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > 3) fail();
    if (depth === 1) return;
    const ours = tag.uri === 'urn:komis:list:1';
    if (depth === 2) {
      if (!ours || !['account', 'removed'].includes(tag.local)) return fail();
      element = tag.local;
      line = tagLine;
      bills = [];
      fault = undefined;
    } else if (element !== 'account' || !ours || tag.local !== 'bill') {
      fault ??= { code: 'unknownElement', field: tag.name };
      return;
    }
    const found = new Map<string, string>();
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === '' && known[tag.local]?.includes(attribute.local))
        found.set(attribute.local, attribute.value);
      else if (attribute.uri !== 'http://www.w3.org/2000/xmlns/')
        fault ??= { code: 'unknownAttribute', field: attribute.name };
    }
    if (Object.keys(tag.attributes).length > 32) fail();
    if (depth === 2) attributes = found;
    else bills.push(found);
  });
  const text_ = (value: string): void => {
    if (/^[ \t\r\n]*$/.test(value) || depth === 0) return;
    if (depth === 1) fail();
    fault ??= { code: 'textInRecord', field: element };
  };
  parser.on('text', text_);
  parser.on('cdata', text_);
  parser.on('closetag', () => {
    if (depth === 2) {
      const record = {
        element: element === 'removed' ? ('removed' as const) : ('account' as const),
        attributes,
        bills,
        structureFault: fault,
      };
      rows.push(stageRow({ block: 0, record: records, line }, checkRecord(record, terms)));
      records += 1;
    }
    depth -= 1;
  });
  try {
    parser.write(text).close();
  } catch {
    return undefined; // saxes throws on some texts beyond its error event
  }
  return wrong ? undefined : rows.filter((row) => row !== '');
}
