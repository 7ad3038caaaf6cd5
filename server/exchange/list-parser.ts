import { SaxesParser, type SaxesTagNS } from 'saxes';
import { DOCTYPE, saxesReason, type HeadFault } from './list-head.ts';
import { BLOCK_BYTES, LIMITS, LIST_NAMESPACE } from './list-format.ts';
import { checkRecord, type RecordFault, type RecordTerms } from './record-check.ts';
import { stageRow } from './stage-row.ts';

/** Why a list is refused while it is read. `line` counts from 1 where the parser took up. */
export type ListFault = {
  readonly code: HeadFault;
  readonly line: number;
  readonly reason: string;
  /** Whole records read since the last `take`. */
  readonly records: number;
};

/** A record that was not taken. Record and line count from the place where the parser took up (0 and 1). */
export type BadRecord = {
  readonly record: number;
  readonly line: number;
  readonly account: string | null;
  readonly fault: RecordFault;
};

/** What came of the text since the last `take`. */
export type Parsed = {
  /** COPY text for the stage. */
  readonly rows: string;
  readonly records: number;
  readonly lines: number;
  readonly bad: readonly BadRecord[];
  /** Bad records beyond those listed. */
  readonly moreBad: number;
  /** Records whose account could not even be read. */
  readonly unreadable: number;
};

export type ListParser = {
  /** Reads on. Whole characters only. The first fault stops it for good. */
  write(text: string): ListFault | undefined;
  /** The file has ended. */
  end(): ListFault | undefined;
  /** Hands out and forgets what was read; records that follow belong to `block`. */
  take(block: number): Parsed;
  /** The root element was closed. */
  closed(): boolean;
  /** True between records, outside any markup: here another parser may take up. */
  neutral(): boolean;
  /** True once a comment, CDATA section or processing instruction was seen: text that looks like a record may be none. */
  sawMarkup(): boolean;
};

/** Reports of bad records kept per block; further ones are counted. */
const BAD_KEPT = 1000;

class Stop extends Error {
  readonly fault: ListFault;
  constructor(fault: ListFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/**
 * The conforming reader of records: a full XML parser (namespaces, entities, comments, CDATA) with bounds on depth,
 * attributes and the length of any piece. `prefix` is the document up to the root's start tag.
 */
export function createListParser(prefix: string, terms: RecordTerms, firstBlock: number): ListParser {
  const parser = new SaxesParser({ xmlns: true, position: true });
  let block = firstBlock;
  let depth = 0;
  let primed = false;
  let rootClosed = false;
  let markup = false;
  let probing = false;
  let probed = false;
  let attributes = 0;
  let lastEvent = 0;
  let prefixLines = 0;
  let linesBefore = 0;

  let rows: string[] = [];
  let records = 0;
  let bad: BadRecord[] = [];
  let moreBad = 0;
  let unreadable = 0;

  let element: 'account' | 'removed' = 'account';
  let recordLine = 0;
  /** Where the last record ended. */
  let recordEnd = -1;
  let values = new Map<string, string>();
  let bills: Map<string, string>[] = [];
  let structureFault: RecordFault | undefined;
  /** The line where the tag now being read began. */
  let tagLine = 0;

  const stop = (code: HeadFault, reason: string): never => {
    // An end tag of another name ends the record for saxes before it is a fault: the fault is in that record.
    const whole = recordEnd === parser.position ? records - 1 : records;
    throw new Stop({ code, line: parser.line - prefixLines, reason, records: whole });
  };
  const seen = (): void => {
    lastEvent = parser.position;
  };
  const blame = (fault: RecordFault): void => {
    structureFault ??= fault;
  };

  parser.on('error', (error) => {
    if (error.message.includes('doctype')) stop('listHostile', DOCTYPE);
    if (error.message.includes('undefined entity'))
      stop('listHostile', 'an entity that is not one of XML’s own five');
    stop('listMalformed', saxesReason(error));
  });
  parser.on('opentagstart', () => {
    seen();
    depth += 1;
    attributes = 0;
    // The character after the name has been read already; when it was a line's end, the tag began a line earlier.
    tagLine = parser.column === 0 ? parser.line - 1 : parser.line;
    if (depth > LIMITS.depth) stop('listHostile', `elements nested deeper than ${LIMITS.depth}`);
  });
  parser.on('attribute', () => {
    seen();
    attributes += 1;
    if (attributes > LIMITS.attributes)
      stop('listHostile', `an element with more than ${LIMITS.attributes} attributes`);
  });
  parser.on('opentag', (tag) => {
    seen();
    if (!primed) return;
    if (depth === 2) openRecord(tag);
    else openChild(tag);
  });
  parser.on('closetag', () => {
    seen();
    if (depth === 1) rootClosed = true;
    else if (primed && depth === 2) closeRecord();
    depth -= 1;
  });
  const onText = (text: string): void => {
    seen();
    if (!primed || /^[ \t\r\n]*$/.test(text)) return;
    if (depth === 1) stop('listMalformed', 'text between records');
    blame({ code: 'textInRecord', field: element, value: text.trim().slice(0, 60) });
  };
  parser.on('text', onText);
  parser.on('cdata', (text) => {
    markup = true;
    onText(text);
  });
  parser.on('comment', () => {
    seen();
    if (probing) probed = true;
    else if (primed) markup = true;
  });
  parser.on('processinginstruction', () => {
    seen();
    if (primed) markup = true;
  });

  function openRecord(tag: SaxesTagNS): void {
    if (tag.uri !== LIST_NAMESPACE || (tag.local !== 'account' && tag.local !== 'removed')) {
      stop('listMalformed', `element ${tag.name.slice(0, 60)} where a record was expected`);
    }
    element = tag.local === 'removed' ? 'removed' : 'account';
    recordLine = tagLine;
    structureFault = undefined;
    bills = [];
    values = attributesOf(tag, element === 'account' ? ACCOUNT_ATTRIBUTES : REMOVED_ATTRIBUTES, '');
  }

  function openChild(tag: SaxesTagNS): void {
    if (depth > 3 || element !== 'account' || tag.uri !== LIST_NAMESPACE || tag.local !== 'bill') {
      blame({ code: 'unknownElement', field: tag.name.slice(0, 60) });
      return;
    }
    if (bills.length <= LIMITS.billsPerAccount) bills.push(attributesOf(tag, BILL_ATTRIBUTES, 'bill '));
  }

  function attributesOf(tag: SaxesTagNS, known: readonly string[], of: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === '' && known.includes(attribute.local))
        found.set(attribute.local, attribute.value);
      else if (attribute.uri !== XMLNS)
        blame({ code: 'unknownAttribute', field: of + attribute.name.slice(0, 60) });
    }
    return found;
  }

  function closeRecord(): void {
    const line = recordLine - linesBefore;
    const checked = checkRecord({ element, attributes: values, bills, structureFault }, terms);
    rows.push(stageRow({ block, record: records, line }, checked));
    if (checked.action === 'bad') {
      if (checked.account === null) unreadable += 1;
      if (bad.length < BAD_KEPT)
        bad.push({ record: records, line, account: checked.account, fault: checked.fault });
      else moreBad += 1;
    }
    records += 1;
    recordEnd = parser.position;
  }

  const guarded = (run: () => void): ListFault | undefined => {
    try {
      run();
      return undefined;
    } catch (error) {
      if (error instanceof Stop) return error.fault;
      throw error;
    }
  };

  const headFault = guarded(() => parser.write(prefix));
  if (headFault) throw new Error(`a head that was read does not read again: ${headFault.reason}`);
  primed = true;
  prefixLines = parser.line - 1;
  linesBefore = prefixLines;
  seen();

  return {
    write: (text) =>
      guarded(() => {
        for (let from = 0; from < text.length;) {
          let to = Math.min(from + SLICE, text.length);
          // A pair of surrogates stays together.
          if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to += 1;
          parser.write(text.slice(from, to));
          from = to;
          if (parser.position - lastEvent > BLOCK_BYTES)
            stop('listHostile', `one piece of markup or text longer than ${BLOCK_BYTES} characters`);
        }
      }),
    end: () => guarded(() => parser.close()),
    take(nextBlock) {
      const lines = parser.line - 1 - linesBefore;
      const parsed = { rows: rows.join(''), records, lines, bad, moreBad, unreadable };
      linesBefore = parser.line - 1;
      rows = [];
      records = 0;
      bad = [];
      moreBad = 0;
      unreadable = 0;
      block = nextBlock;
      return parsed;
    },
    closed: () => rootClosed,
    neutral() {
      // Inside markup this text would not come out as a comment of its own.
      probing = true;
      const fault = guarded(() => parser.write('<!---->'));
      probing = false;
      return fault === undefined && probed && depth <= 1;
    },
    sawMarkup: () => markup,
  };
}

const SLICE = 65_536;
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const ACCOUNT_ATTRIBUTES: readonly string[] = ['no', 'holder', 'address', 'district', 'phone'];
const REMOVED_ATTRIBUTES: readonly string[] = ['no'];
const BILL_ATTRIBUTES: readonly string[] = ['no', 'period', 'amount', 'due'];
