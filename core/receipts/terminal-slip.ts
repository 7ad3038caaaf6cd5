import type { Language, Workstation } from '../../contracts/domain.ts';
import type { Qepik } from '../../contracts/money.ts';
import { formatMoney } from '../../contracts/money.ts';
import type { PosKind, TerminalSlip } from '../../contracts/pos.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import { formatBaku, type Instant } from '../../contracts/time.ts';
import { asWritten, centred, issuer, pair, RULE, stamp, type Reprint } from './blocks.ts';
import { RECEIPT_TEXTS } from './receipt-texts.ts';

export type TerminalSlipInput = {
  readonly workstation: Workstation;
  readonly language: Language;
  readonly slip: TerminalSlip;
  /** The terminal's own lines, as it worded them. */
  readonly lines: readonly string[];
  readonly reprint: Reprint;
  /** The number of this copy; null for one that nobody counts (the terminal's last slip). */
  readonly copy: number | null;
  /** What it is of; null where only the terminal knows. */
  readonly of: {
    readonly kind: PosKind;
    readonly amount: Qepik;
    readonly at: Instant;
    readonly teller: string;
    /** Our receipt or storno slip; null where none followed. */
    readonly receiptNo: string | null;
    /** The charge has been given back since: its paper must not pass for money paid. */
    readonly givenBack: boolean;
  } | null;
};

/** One of the terminal's own papers on our printer. It is always a copy, and says so. */
export function terminalSlipCopy(input: TerminalSlipInput): ReceiptDocument {
  const { workstation, language, slip, lines, reprint, copy, of } = input;
  const texts = RECEIPT_TEXTS[language];
  return {
    receiptNo: of?.receiptNo ?? '',
    language,
    copy: copy ?? 1,
    blocks: [
      ...issuer(workstation),
      RULE,
      { kind: 'title', text: texts.slipTitle },
      centred(texts.slips[slip], true),
      stamp(copy === null ? texts.uncountedCopyStamp : texts.copyStamp(copy)),
      centred(texts.copyMade(formatBaku(reprint.at), reprint.by)),
      ...(of?.givenBack === true ? [stamp(texts.givenBackStamp)] : []),
      ...(of === null
        ? []
        : [
            ...(of.receiptNo === null ? [] : [pair(texts.receiptNo, of.receiptNo, true)]),
            pair(texts.dateTime, formatBaku(of.at)),
            pair(texts.teller, of.teller),
            pair(texts.cardKinds[of.kind], formatMoney(of.amount), true),
          ]),
      RULE,
      centred(texts.terminalSays),
      ...lines.map(asWritten),
      RULE,
    ],
  };
}
