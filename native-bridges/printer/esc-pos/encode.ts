import { unreachable } from '../../../contracts/assert.ts';
import type { DocumentBlock, ReceiptDocument } from '../../../contracts/receipt.ts';
import { CODE_PAGES, printable, printed, type CodePage } from './charset.ts';
import * as command from './commands.ts';
import { OWN_GLYPHS } from './glyphs.ts';
import { pairLines, wrap } from './layout.ts';

/** What differs between printers. */
export type PrinterProfile = {
  /** Columns of font A. */
  readonly columns: number;
  /** Dots across the printed width. */
  readonly dots: number;
  /** Numbers of the code pages in this printer's ESC t. */
  readonly codePages: Readonly<Record<CodePage, number>>;
  /** The printer starts in a Chinese mode that must be switched off. */
  readonly chinese: boolean;
};

/** Paper of 80 and 58 mm, code pages numbered as Epson does and most others after it. */
export const PROFILES: Readonly<Record<80 | 58, PrinterProfile>> = {
  80: { columns: 48, dots: 576, codePages: { pc857: 13, pc866: 17 }, chinese: false },
  58: { columns: 32, dots: 384, codePages: { pc857: 13, pc866: 17 }, chinese: false },
};

/** A document as the bytes of one print job, cut included. The same document gives the same bytes. */
export function encodeEscPos(
  document: ReceiptDocument,
  profile: PrinterProfile,
  openDrawer: boolean,
): Uint8Array {
  const pen = new Pen(profile, document.language === 'ru' ? 'pc866' : 'pc857');
  if (openDrawer) pen.put(command.drawerPulse);
  document.blocks.forEach((block, i) => draw(pen, block, document.blocks[i - 1]));
  pen.put(command.feed(DOTS.foot));
  pen.put(command.cut);
  return Uint8Array.from(pen.bytes);
}

/** Vertical room, in dots (8 to the millimetre). */
const DOTS = { group: 10, stamp: 12, signature: 64, symbol: 16, foot: 40 };
const BARCODE_HEIGHT = 80;

function draw(pen: Pen, block: DocumentBlock, before: DocumentBlock | undefined): void {
  switch (block.kind) {
    case 'title':
      pen.put(command.feed(DOTS.group));
      pen.lines(wrap(printable(block.text), pen.columns / 2), {
        centre: true,
        wide: true,
        tall: true,
        strong: true,
      });
      pen.put(command.feed(DOTS.group));
      return;
    case 'text':
      // A heading opens a group: a little air sets it off from what went before.
      if (block.strong && block.align === 'left' && before?.kind !== 'rule')
        pen.put(command.feed(DOTS.group));
      pen.lines(wrap(printable(block.text), pen.columns), {
        centre: block.align === 'centre',
        strong: block.strong,
      });
      return;
    case 'pair':
      if (/^_+$/.test(block.value)) return signature(pen, printable(block.label));
      pen.lines(pairLines(printable(block.label), printable(block.value), pen.columns), {
        strong: block.strong,
      });
      return;
    case 'total':
      total(pen, printable(block.label), printable(block.value));
      return;
    case 'rule':
      pen.lines(['─'.repeat(pen.columns)], {});
      return;
    case 'stamp':
      pen.put(command.feed(DOTS.stamp));
      for (const line of wrap(printable(block.text), pen.columns / 2 - 2))
        pen.lines([` ${line} `], { centre: true, wide: true, tall: true, strong: true, reverse: true });
      pen.put(command.feed(DOTS.stamp));
      return;
    case 'qr':
      qr(pen, block.data, printable(block.caption));
      return;
    case 'barcode':
      barcode(pen, block.data, printable(block.caption));
      return;
    default:
      unreachable(block);
  }
}

/** In double width, on one line with its label where both fit, below it otherwise. */
function total(pen: Pen, label: string, value: string): void {
  const half = pen.columns / 2;
  if (label.length + 2 + value.length <= half)
    return pen.lines(pairLines(label, value, half), { wide: true, tall: true, strong: true });
  pen.lines(wrap(label, pen.columns), { strong: true });
  const wide = value.length <= half;
  const lines = wrap(value, wide ? half : pen.columns).map((line) =>
    line.padStart(wide ? half : pen.columns),
  );
  pen.lines(lines, { wide, tall: true, strong: true });
}

/** A line to the paper's edge, with room for a pen above it. */
function signature(pen: Pen, label: string): void {
  const rest = pen.columns - label.length - 2;
  if (rest >= 18) {
    pen.put(command.feed(DOTS.signature));
    pen.lines([`${label}  ${'_'.repeat(rest)}`], {});
  } else {
    pen.put(command.feed(DOTS.group));
    pen.lines(wrap(label, pen.columns), {});
    pen.put(command.feed(DOTS.signature));
    pen.lines(['_'.repeat(pen.columns)], {});
  }
}

function qr(pen: Pen, data: string, caption: string): void {
  const modules = command.qrModules(data);
  // Room for the quiet zone of four modules on each side.
  const module = modules === undefined ? 0 : Math.min(Math.floor(pen.dots / (modules + 8)), 5);
  if (module < 3) {
    // Smaller modules do not scan from thermal paper: the text itself is better than a picture of noise.
    pen.lines(wrap(printable(data), pen.columns), {});
    return;
  }
  pen.put([
    ...command.feed(DOTS.symbol),
    ...command.align('centre'),
    ...command.qrCode(data, module),
    ...command.align('left'),
  ]);
  pen.put(command.feed(DOTS.symbol));
  if (caption !== '') pen.lines(wrap(caption, pen.columns), { centre: true });
}

function barcode(pen: Pen, data: string, caption: string): void {
  const module = Math.min(Math.floor(pen.dots / (command.code128Modules(data) + 20)), 3);
  if (module < 1 || !/^[\x20-\x7e]{1,100}$/.test(data)) {
    pen.lines(wrap(printable(data), pen.columns), { centre: true });
    return;
  }
  pen.put([
    ...command.feed(DOTS.symbol),
    ...command.align('centre'),
    ...command.code128(data, module, BARCODE_HEIGHT),
    ...command.align('left'),
  ]);
  pen.put(command.feed(DOTS.symbol));
  if (caption !== '') pen.lines(wrap(caption, pen.columns), { centre: true });
}

type Style = {
  readonly centre?: boolean;
  readonly strong?: boolean;
  readonly wide?: boolean;
  readonly tall?: boolean;
  readonly reverse?: boolean;
};

/** Collects bytes and knows what the printer is set to, so that a switch is sent only where something changes. */
class Pen {
  readonly bytes: number[] = [];
  readonly columns: number;
  readonly dots: number;
  readonly #pages: Readonly<Record<CodePage, number>>;
  #page: CodePage;
  #own = false;

  constructor(profile: PrinterProfile, page: CodePage) {
    this.columns = profile.columns;
    this.dots = profile.dots;
    this.#pages = profile.codePages;
    this.#page = page;
    this.put(command.initialise);
    if (profile.chinese) this.put(command.singleByteText);
    this.put([
      ...command.asciiSymbols,
      ...command.fontA,
      ...command.defineGlyphs(OWN_GLYPHS),
      ...command.ownGlyphs(false),
    ]);
    this.put(command.codePage(profile.codePages[page]));
  }

  put(bytes: readonly number[]): void {
    for (const byte of bytes) this.bytes.push(byte);
  }

  /** Prints lines that fit, in one style, and returns to plain. */
  lines(lines: readonly string[], style: Style): void {
    const { centre = false, strong = false, wide = false, tall = false } = style;
    if (centre) this.put(command.align('centre'));
    if (strong) this.put(command.bold(true));
    if (wide || tall) this.put(command.size(wide ? 2 : 1, tall ? 2 : 1));
    if (style.reverse === true) this.put(command.reverse(true));
    for (const line of lines) {
      for (const letter of line) this.#letter(letter);
      this.put(command.lineEnd);
    }
    if (style.reverse === true) this.put(command.reverse(false));
    if (wide || tall) this.put(command.size(1, 1));
    if (strong) this.put(command.bold(false));
    if (centre) this.put(command.align('left'));
  }

  #letter(letter: string): void {
    const how = printed(letter) ?? { kind: 'ascii', code: 0x3f };
    if (how.kind === 'page') {
      let code = how.codes.get(this.#page);
      if (code === undefined) {
        this.#page = CODE_PAGES.find((page) => how.codes.has(page)) ?? this.#page;
        code = how.codes.get(this.#page) ?? 0x3f;
        this.put(command.codePage(this.#pages[this.#page]));
      }
      this.bytes.push(code);
      return;
    }
    // With the user-defined set on, only the codes that were drawn print otherwise; the rest need no switch.
    const drawn = how.kind === 'own' || OWN_GLYPHS.some(({ code }) => code === how.code);
    if (drawn && this.#own !== (how.kind === 'own')) {
      this.#own = how.kind === 'own';
      this.put(command.ownGlyphs(this.#own));
    }
    this.bytes.push(how.code);
  }
}
