/**
 * A printer of paper made of data: reads ESC/POS bytes as a thermal printer with font A does and tells what would be on the
 * paper. Written from the command reference and sharing nothing with the encoder, so that the two can disagree. Anything it
 * does not know is an error: an encoder may only say what this printer understands.
 */

/** One letter cell on paper. `own` holds the picture of a user-defined glyph instead of a letter. */
export type Cell = {
  readonly letter: string;
  readonly own: readonly string[] | null;
  readonly bold: boolean;
  readonly reverse: boolean;
  readonly width: number;
  readonly height: number;
};

export type Printout =
  | {
      readonly kind: 'line';
      readonly cells: readonly Cell[];
      readonly centred: boolean;
      readonly columns: number;
    }
  | {
      readonly kind: 'qr';
      readonly data: string;
      readonly module: number;
      readonly level: string;
      readonly centred: boolean;
    }
  | {
      readonly kind: 'barcode';
      readonly text: string;
      readonly module: number;
      readonly height: number;
      readonly centred: boolean;
      readonly symbols: number;
    }
  | { readonly kind: 'feed'; readonly dots: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'drawer' };

export type Paper = { readonly columns: number; readonly pages: Readonly<Record<number, 'cp857' | 'cp866'>> };
export const EPSON_80: Paper = { columns: 48, pages: { 13: 'cp857', 17: 'cp866' } };
export const EPSON_58: Paper = { columns: 32, pages: { 13: 'cp857', 17: 'cp866' } };

// Code points of bytes 0x80–0xFF, from the Unicode Consortium's CP857.TXT.
const CP857 = [
  '00c7 00fc 00e9 00e2 00e4 00e0 00e5 00e7 00ea 00eb 00e8 00ef 00ee 0131 00c4 00c5',
  '00c9 00e6 00c6 00f4 00f6 00f2 00fb 00f9 0130 00d6 00dc 00f8 00a3 00d8 015e 015f',
  '00e1 00ed 00f3 00fa 00f1 00d1 011e 011f 00bf 00ae 00ac 00bd 00bc 00a1 00ab 00bb',
  '2591 2592 2593 2502 2524 00c1 00c2 00c0 00a9 2563 2551 2557 255d 00a2 00a5 2510',
  '2514 2534 252c 251c 2500 253c 00e3 00c3 255a 2554 2569 2566 2560 2550 256c 00a4',
  '00ba 00aa 00ca 00cb 00c8 fffd 00cd 00ce 00cf 2518 250c 2588 2584 00a6 00cc 2580',
  '00d3 00df 00d4 00d2 00f5 00d5 00b5 fffd 00d7 00da 00db 00d9 00ec 00ff 00af 00b4',
  '00ad 00b1 fffd 00be 00b6 00a7 00f7 00b8 00b0 00a8 00b7 00b9 00b3 00b2 25a0 00a0',
].flatMap((row) => row.split(' ').map((hex) => String.fromCharCode(parseInt(hex, 16))));

const ibm866 = new TextDecoder('ibm866');

/** What would be on the paper, in order. Throws on a command or byte a printer of this paper does not know. */
export function interpret(bytes: Uint8Array, paper: Paper): Printout[] {
  const out: Printout[] = [];
  let at = 0;
  const glyphs = new Map<number, readonly string[]>();
  let cells: Cell[] = [];
  let own = false;
  let bold = false;
  let reverse = false;
  let centred = false;
  let width = 1;
  let height = 1;
  let page: 'cp857' | 'cp866' | 'cp437' = 'cp437';
  let barHeight = 162;
  let barModule = 3;
  const qr = { module: 3, level: 48, data: '' };

  const stop = (why: string): never => {
    const around = Array.from(bytes.slice(Math.max(at - 8, 0), at + 8), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    throw new Error(`byte ${at}: ${why} (${around.join(' ')})`);
  };
  const next = (): number => bytes[at++] ?? stop('the data ends in the middle of a command');
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) stop('the data ends in the middle of a command');
    at += count;
    return bytes.subarray(at - count, at);
  };
  const flag = (): boolean => {
    const value = next();
    return value === 0 || value === 1 ? value === 1 : stop(`a switch of ${value}`);
  };
  const used = (): number => cells.reduce((columns, cell) => columns + cell.width, 0);
  const endLine = (): void => {
    out.push({ kind: 'line', cells, centred, columns: used() });
    cells = [];
  };
  const betweenLines = (what: string): void => {
    if (cells.length > 0) stop(`${what} in the middle of a line`);
  };
  const letter = (byte: number): void => {
    const picture = own ? glyphs.get(byte) : undefined;
    const text = byte < 0x80 ? String.fromCharCode(byte) : upper(byte);
    if (used() + width > paper.columns) stop(`the line is wider than ${paper.columns} columns`);
    cells.push({ letter: picture ? '\ufffd' : text, own: picture ?? null, bold, reverse, width, height });
  };
  const upper = (byte: number): string => {
    if (page === 'cp437') stop('a letter above 0x7F before a code page was chosen');
    const text = page === 'cp857' ? (CP857[byte - 0x80] ?? '') : ibm866.decode(Uint8Array.of(byte));
    return text === '' || text === '\ufffd' ? stop(`${page} has no letter ${byte.toString(16)}`) : text;
  };

  const esc: Record<number, () => void> = {
    0x40: () => {
      [cells, own, bold, reverse, centred, width, height, page] = [
        [],
        false,
        false,
        false,
        false,
        1,
        1,
        'cp437',
      ];
      glyphs.clear();
    },
    0x52: () => void (next() === 0 || stop('a national character set')),
    0x4d: () => void (next() === 0 || stop('another font than A')),
    0x74: () => {
      const number = next();
      page = paper.pages[number] ?? stop(`code page ${number}`);
    },
    0x26: () => {
      if (next() !== 3) stop('glyphs that are not 24 dots high');
      const [first, last] = [next(), next()];
      if (first < 0x20 || last > 0x7e || first > last) stop('glyphs for codes that cannot have one');
      for (let code = first; code <= last; code += 1) {
        const columns = next();
        if (columns > 12) stop('a glyph wider than 12 dots');
        glyphs.set(code, picture(take(columns * 3), columns));
      }
    },
    0x25: () => {
      own = flag();
    },
    0x45: () => {
      bold = flag();
    },
    0x61: () => {
      betweenLines('alignment');
      const to = next();
      centred = to === 0 || to === 1 ? to === 1 : stop(`alignment ${to}`);
    },
    0x4a: () => {
      betweenLines('a feed');
      out.push({ kind: 'feed', dots: next() });
    },
    0x70: () => {
      const [pin, on, off] = take(3);
      if (pin !== 0 || on === undefined || off === undefined || on >= off)
        stop('a drawer pulse no drawer takes');
      out.push({ kind: 'drawer' });
    },
  };
  const gs: Record<number, () => void> = {
    0x21: () => {
      const value = next();
      [width, height] = [(value >> 4) + 1, (value & 0x0f) + 1];
    },
    0x42: () => {
      reverse = flag();
    },
    0x56: () => {
      betweenLines('a cut');
      if (next() !== 66) stop('another cut than feed and cut');
      next();
      out.push({ kind: 'cut' });
    },
    0x68: () => {
      barHeight = next();
    },
    0x77: () => {
      barModule = next();
      if (barModule < 1 || barModule > 6) stop(`bars ${barModule} dots wide`);
    },
    0x48: () => void (next() === 0 || stop('text of the printer’s own under a barcode')),
    0x6b: () => {
      betweenLines('a barcode');
      if (next() !== 73) stop('another barcode than Code 128');
      const { text, symbols } = readCode128(take(next()), stop);
      out.push({ kind: 'barcode', text, module: barModule, height: barHeight, centred, symbols });
    },
    0x28: () => {
      if (next() !== 0x6b) stop('a GS ( command other than k');
      const length = next() + 256 * next();
      const [kind, fn, ...parameters] = take(length);
      if (kind !== 0x31) stop('a two-dimensional code other than QR');
      if (fn === 0x41) void (parameters[0] === 0x32 || stop('another QR model than 2'));
      else if (fn === 0x43) qr.module = parameters[0] ?? stop('no module size');
      else if (fn === 0x45) qr.level = parameters[0] ?? stop('no level');
      else if (fn === 0x50)
        qr.data = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(parameters.slice(1)));
      else if (fn === 0x51) {
        betweenLines('a QR');
        if (qr.data === '') stop('a QR without data');
        out.push({
          kind: 'qr',
          data: qr.data,
          module: qr.module,
          level: 'LMQH'.charAt(qr.level - 48),
          centred,
        });
      } else stop(`QR function ${fn}`);
    },
  };

  while (at < bytes.length) {
    const byte = next();
    if (byte === 0x1b || byte === 0x1d) {
      const code = next();
      const run =
        (byte === 0x1b ? esc : gs)[code] ?? stop(`unknown command ${byte.toString(16)} ${code.toString(16)}`);
      run();
    } else if (byte === 0x1c) {
      if (next() !== 0x2e) stop('an FS command other than "single-byte text"');
    } else if (byte === 0x0a) endLine();
    else if (byte >= 0x20 && byte !== 0x7f) letter(byte);
    else stop(`control byte ${byte.toString(16)}`);
  }
  betweenLines('the end');
  return out;
}

/** Columns of three bytes, the highest bit on top, as 24 rows of `#` and space. */
const picture = (data: Uint8Array, columns: number): string[] =>
  Array.from({ length: 24 }, (_, row) =>
    Array.from({ length: columns }, (_dot, column) => {
      const byte = data[column * 3 + Math.floor(row / 8)] ?? 0;
      return (byte >> (7 - (row % 8))) & 1 ? '#' : ' ';
    }).join(''),
  );

/** The text of GS k 73 data, and how many symbols (start, switches, data) it takes. */
function readCode128(data: Uint8Array, stop: (why: string) => never): { text: string; symbols: number } {
  let text = '';
  let set = '';
  let symbols = 0;
  for (let i = 0; i < data.length; i += 1) {
    const byte = data[i] ?? 0;
    symbols += 1;
    if (byte === 0x7b) {
      i += 1;
      const mark = String.fromCharCode(data[i] ?? 0);
      if (mark === '{' && set === 'B') text += '{';
      else if (mark === 'A' || mark === 'B' || mark === 'C') set = mark;
      else stop(`Code 128 mark {${mark}`);
    } else if (set === 'C')
      text += byte < 100 ? String(byte).padStart(2, '0') : stop(`Code 128 C value ${byte}`);
    else if (set === 'B')
      text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : stop(`Code 128 B byte ${byte}`);
    else stop('Code 128 data before a code set');
  }
  return { text, symbols };
}

/** A line as text; user-defined glyphs by `name`, which sees the picture and knows what it shows. */
export const lineText = (
  line: Extract<Printout, { kind: 'line' }>,
  name: (picture: readonly string[]) => string,
): string => line.cells.map((cell) => (cell.own ? name(cell.own) : cell.letter)).join('');
