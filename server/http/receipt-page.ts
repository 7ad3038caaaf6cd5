import type { Language } from '../../contracts/domain.ts';
import { formatMoney, qepik } from '../../contracts/money.ts';
import { formatBaku } from '../../contracts/time.ts';
import type { VerifiedReceipt } from '../registry/receipts.ts';

/** What a payer reads after scanning the code on a receipt. No script, no cookie, nothing from elsewhere. */
type Texts = {
  readonly title: string;
  readonly states: Readonly<
    Record<
      'posted' | 'stornoed' | 'notYetArrived' | 'unknown' | 'notGenuine',
      { readonly heading: string; readonly text: string }
    >
  >;
  readonly receiptNo: string;
  readonly total: string;
  readonly refunded: string;
  readonly takenAt: string;
  readonly branch: string;
};

const TEXTS: Readonly<Record<Language, Texts>> = {
  az: {
    title: 'Qəbzin yoxlanması',
    states: {
      posted: { heading: 'Qəbz həqiqidir', text: 'Ödəniş mərkəzdə qeydə alınıb.' },
      stornoed: {
        heading: 'Ödəniş storno edilib',
        text: 'Qəbz həqiqidir, lakin ödəniş sonradan ləğv olunub.',
      },
      notYetArrived: {
        heading: 'Qəbz həqiqidir',
        text: 'Ödəniş əlaqə olmadan qəbul edilib və mərkəzə hələ çatmayıb. Sonra yenidən yoxlayın.',
      },
      unknown: { heading: 'Qəbz yoxlanılır', text: 'Qəbz həqiqidir, ödənişə mərkəzdə əməkdaş baxır.' },
      notGenuine: {
        heading: 'Qəbz həqiqi deyil',
        text: 'Bu kodu KÖMİS-in heç bir iş yeri verməyib və ya kod tam oxunmayıb.',
      },
    },
    receiptNo: 'Qəbz №',
    total: 'Məbləğ',
    refunded: 'Qaytarılıb',
    takenAt: 'Vaxt',
    branch: 'Filial',
  },
  en: {
    title: 'Receipt check',
    states: {
      posted: { heading: 'The receipt is genuine', text: 'The payment is recorded at the centre.' },
      stornoed: {
        heading: 'The payment was cancelled',
        text: 'The receipt is genuine, but the payment was cancelled later.',
      },
      notYetArrived: {
        heading: 'The receipt is genuine',
        text: 'It was issued without a connection and has not reached the centre yet. Check again later.',
      },
      unknown: {
        heading: 'The receipt is being looked at',
        text: 'The receipt is genuine; a person at the centre is looking at the payment.',
      },
      notGenuine: {
        heading: 'The receipt is not genuine',
        text: 'No workstation of KÖMİS issued this code, or it was not read in full.',
      },
    },
    receiptNo: 'Receipt no.',
    total: 'Amount',
    refunded: 'Given back',
    takenAt: 'Time',
    branch: 'Branch',
  },
  ru: {
    title: 'Проверка квитанции',
    states: {
      posted: { heading: 'Квитанция подлинная', text: 'Платёж учтён в центре.' },
      stornoed: { heading: 'Платёж сторнирован', text: 'Квитанция подлинная, но платёж позже отменён.' },
      notYetArrived: {
        heading: 'Квитанция подлинная',
        text: 'Она выдана без связи, и платёж ещё не дошёл до центра. Проверьте позже.',
      },
      unknown: {
        heading: 'Квитанция проверяется',
        text: 'Квитанция подлинная, платёж рассматривает сотрудник центра.',
      },
      notGenuine: {
        heading: 'Квитанция не подлинная',
        text: 'Этот код не выдан ни одним рабочим местом КЁМИС или прочитан не полностью.',
      },
    },
    receiptNo: 'Квитанция №',
    total: 'Сумма',
    refunded: 'Возвращено',
    takenAt: 'Время',
    branch: 'Филиал',
  },
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

/** The page as HTML. Its style is a file of its own, so that no inline style needs to be allowed. */
export function receiptPage(receipt: VerifiedReceipt, language: Language): string {
  const texts = TEXTS[language];
  const state = receipt.genuine ? receipt.state : 'notGenuine';
  const { heading, text } = texts.states[state];
  const rows: [string, string][] = [];
  if (receipt.receiptNo !== null) rows.push([texts.receiptNo, receipt.receiptNo]);
  if (receipt.total !== null) {
    rows.push([
      receipt.total < 0 ? texts.refunded : texts.total,
      formatMoney(qepik(Math.abs(receipt.total))),
    ]);
  }
  if (receipt.takenAt !== null) rows.push([texts.takenAt, formatBaku(receipt.takenAt)]);
  if (receipt.branchName !== null) rows.push([texts.branch, receipt.branchName]);
  const list = rows.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`).join('');
  const languages = (Object.keys(TEXTS) as Language[]) // the table's own keys
    .map((one) =>
      one === language ? `<b>${one}</b>` : `<a href="?lang=${one}" hreflang="${one}">${one}</a>`,
    )
    .join(' · ');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escaped(texts.title)} · KÖMİS</title><link rel="stylesheet" href="/pages/receipt.css"></head>
<body><main class="${state}"><p class="brand">KÖMİS · ${escaped(texts.title)}</p><h1>${escaped(heading)}</h1><p>${escaped(text)}</p>
<dl>${list}</dl><nav>${languages}</nav></main></body></html>
`;
}

/** ₼ is not in every system's face: one that has it is fetched where it is missing, and only there. */
export const RECEIPT_CSS = `:root { color-scheme: light dark; font: 17px/1.45 -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Manat, system-ui, sans-serif; }
@font-face { font-family: 'Manat'; src: url('/pages/manat.ttf'); unicode-range: U+20BC; }
body { margin: 0; display: grid; place-items: start center; padding: 1.5rem; background: light-dark(#f4f5f3, #16181a); color: light-dark(#1c2023, #eceeed); }
main { width: min(28rem, 100%); background: light-dark(#fff, #202427); border-radius: 12px; padding: 1.5rem; border-top: 8px solid #9a9a9a; box-sizing: border-box; }
main.posted, main.notYetArrived { border-color: #1d7a46; } main.stornoed, main.unknown { border-color: #b26a00; } main.notGenuine { border-color: #b3261e; }
.brand { margin: 0; opacity: .7; font-size: .85rem; } h1 { font-size: 1.4rem; margin: .5rem 0; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 1rem 0; } dt { opacity: .7; } dd { margin: 0; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
nav a { color: inherit; }
`;

/** The language asked for in the address, else the browser's, else Azerbaijani. */
export function pageLanguage(asked: unknown, accepts: string): Language {
  const wish = typeof asked === 'string' ? asked : (/\b(az|en|ru)\b/.exec(accepts)?.[1] ?? 'az');
  return wish === 'en' || wish === 'ru' ? wish : 'az';
}
