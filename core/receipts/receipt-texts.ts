import type { Language } from '../../contracts/domain.ts';
import type { PaymentStornoed } from '../../contracts/journal.ts';
import type { PosKind, TerminalSlip } from '../../contracts/pos.ts';

/** Every word on paper. One type for all languages: a text that is missing in one does not compile. */
export type ReceiptTexts = {
  readonly paymentTitle: string;
  readonly stornoTitle: string;
  readonly card: string;

  readonly copyStamp: (number: number) => string;
  readonly copyMade: (at: string, by: string) => string;
  readonly stornoStamp: string;
  readonly stornoedStamp: string;

  readonly receiptNo: string;
  readonly dateTime: string;
  readonly teller: string;
  readonly workstationShift: string;
  readonly registrationCode: string;
  readonly payer: string;

  readonly account: string;
  readonly holder: string;
  readonly period: string;
  readonly billNo: string;
  readonly amount: string;
  readonly fee: string;
  readonly debtLeft: (asOf: string) => string;
  readonly advance: (asOf: string) => string;
  readonly accountNotListed: string;

  readonly payments: string;
  readonly total: string;
  readonly cashReceived: string;
  readonly change: string;
  readonly cashReturned: string;
  readonly byCard: string;
  readonly meter: string;
  readonly meterCard: string;
  readonly loadWritten: string;
  readonly loadCancelled: string;
  readonly loadOwed: string;
  readonly loadOwedUnits: string;
  readonly loadOwedNext: string;
  readonly cardReturned: string;
  readonly authCode: string;
  readonly posTerminal: string;
  readonly terminalSays: string;
  readonly slipTitle: string;
  readonly slips: Readonly<Record<TerminalSlip, string>>;
  /** A copy that nobody counts. */
  readonly uncountedCopyStamp: string;
  readonly givenBackStamp: string;
  readonly cardKinds: Readonly<Record<PosKind, string>>;

  readonly offline: string;
  readonly verify: string;
  readonly keep: string;

  readonly originalReceipt: string;
  readonly stornoReceipt: string;
  readonly reason: string;
  readonly reasons: Readonly<Record<PaymentStornoed['reason'], string>>;
  readonly note: string;
  readonly supervisor: string;
  readonly payerSignature: string;
  readonly tellerSignature: string;
  readonly supervisorSignature: string;

  readonly scanAtCounter: string;
  readonly boundAccounts: string;
  readonly noAccountsYet: string;
  readonly cardUse: string;
  readonly cardIssued: (branch: string) => string;
};

export const RECEIPT_TEXTS: Readonly<Record<Language, ReceiptTexts>> = {
  az: {
    paymentTitle: 'ÖDƏNİŞ QƏBZİ',
    stornoTitle: 'STORNO QƏBZİ',
    card: 'Abunəçi kartı',

    copyStamp: (number) => `SURƏT № ${number}`,
    copyMade: (at, by) => `Surət ${at} tarixində çap edilib: ${by}`,
    stornoStamp: 'STORNO',
    stornoedStamp: 'STORNO EDİLİB',

    receiptNo: 'Qəbz №',
    dateTime: 'Tarix',
    teller: 'Operator',
    workstationShift: 'İş yeri, növbə',
    registrationCode: 'Qeydiyyat kodu',
    payer: 'Ödəyici',

    account: 'Abunəçi kodu',
    holder: 'Hesab sahibi',
    period: 'Dövr',
    billNo: 'Qaimə №',
    amount: 'Məbləğ',
    fee: 'Xidmət haqqı',
    debtLeft: (asOf) => `Qalıq borc (${asOf} vəziyyətinə)`,
    advance: (asOf) => `Hesabda avans (${asOf} vəziyyətinə)`,
    accountNotListed: 'Bu kod şirkətin siyahısında yoxdur: məbləğ yoxlandıqdan sonra şirkətə çatdırılır.',

    payments: 'Ödənişlər',
    total: 'CƏMİ',
    cashReceived: 'Nağd alındı',
    change: 'Qaytarıldı',
    cashReturned: 'Nağd qaytarıldı',
    byCard: 'Kartla ödənildi',
    meter: 'Sayğac',
    meterCard: 'Sayğac kartı',
    loadWritten: 'Karta yükləndi',
    loadCancelled: 'Yükləmə ləğv edildi',
    loadOwed: 'KARTA HƏLƏ YÜKLƏNMƏYİB',
    loadOwedUnits: 'Yüklənəcək',
    loadOwedNext: 'Pulunuz itmir: kartı istənilən KÖMİS kassasında oxuyucuya taxın, yükləmə tamamlanacaq.',
    cardReturned: 'Karta qaytarıldı',
    authCode: 'Təsdiq kodu',
    posTerminal: 'POS terminal / qəbz',
    terminalSays: 'Terminalın qəbzi',
    slipTitle: 'TERMİNALIN QƏBZİ',
    slips: { customer: 'Müştəri nüsxəsi', merchant: 'Təşkilat nüsxəsi' },
    uncountedCopyStamp: 'SURƏT',
    givenBackStamp: 'PUL KARTA QAYTARILIB',
    cardKinds: { sale: 'Kartla ödəniş', reversal: 'Ləğv', refund: 'Karta qaytarma' },

    offline:
      'Ödəniş qəbul edildi və əlaqə bərpa olunan kimi mərkəzə çatdırılacaq. Əlavə heç nə etməyə ehtiyac yoxdur.',
    verify: 'Qəbzi yoxlamaq üçün kodu telefonla oxudun',
    keep: 'Qəbzi saxlayın. Təşəkkür edirik!',

    originalReceipt: 'Ləğv edilən qəbz',
    stornoReceipt: 'Storno qəbzi',
    reason: 'Səbəb',
    reasons: {
      wrongAccount: 'abunəçi kodu səhvdir',
      wrongAmount: 'məbləğ səhvdir',
      payerRefused: 'ödəyici imtina etdi',
      duplicate: 'ödəniş təkrarlanıb',
      other: 'digər',
    },
    note: 'Qeyd',
    supervisor: 'Nəzarətçi',
    payerSignature: 'Pulu aldım (ödəyici)',
    tellerSignature: 'Operatorun imzası',
    supervisorSignature: 'Nəzarətçinin imzası',

    scanAtCounter: 'Kassada bu kodu oxudun',
    boundAccounts: 'Koda bağlı hesablar',
    noAccountsYet: 'Hələ hesab bağlanmayıb. Hesabları istənilən kassada bağlaya bilərsiniz.',
    cardUse:
      'Bu kodla istənilən bankda və poçt şöbəsində bütün xidmət şirkətlərinin hesablarını ödəyə bilərsiniz. Kod həm də ödəniş portalında istifadəçi adınızdır.',
    cardIssued: (branch) => `Verilib: ${branch}`,
  },
  en: {
    paymentTitle: 'PAYMENT RECEIPT',
    stornoTitle: 'STORNO RECEIPT',
    card: 'Subscriber card',

    copyStamp: (number) => `COPY № ${number}`,
    copyMade: (at, by) => `Copy printed ${at}: ${by}`,
    stornoStamp: 'STORNO',
    stornoedStamp: 'CANCELLED',

    receiptNo: 'Receipt №',
    dateTime: 'Date',
    teller: 'Teller',
    workstationShift: 'Workstation, shift',
    registrationCode: 'Registration code',
    payer: 'Payer',

    account: 'Account',
    holder: 'Holder',
    period: 'Period',
    billNo: 'Bill №',
    amount: 'Amount',
    fee: 'Fee',
    debtLeft: (asOf) => `Debt left (as of ${asOf})`,
    advance: (asOf) => `Advance on the account (as of ${asOf})`,
    accountNotListed:
      'This account is not on the company’s list: the amount reaches the company after a check.',

    payments: 'Payments',
    total: 'TOTAL',
    cashReceived: 'Cash received',
    change: 'Change',
    cashReturned: 'Cash returned',
    byCard: 'Paid by card',
    meter: 'Meter',
    meterCard: 'Meter card',
    loadWritten: 'Loaded onto the card',
    loadCancelled: 'Load cancelled',
    loadOwed: 'NOT ON THE CARD YET',
    loadOwedUnits: 'To be loaded',
    loadOwedNext:
      'Your money is not lost: put the card into the reader at any KÖMİS counter and the load is finished.',
    cardReturned: 'Returned to the card',
    authCode: 'Authorisation code',
    posTerminal: 'POS terminal / slip',
    terminalSays: 'The terminal’s slip',
    slipTitle: 'TERMINAL SLIP',
    slips: { customer: 'Customer copy', merchant: 'Merchant copy' },
    uncountedCopyStamp: 'COPY',
    givenBackStamp: 'GIVEN BACK TO THE CARD',
    cardKinds: { sale: 'Card payment', reversal: 'Reversal', refund: 'Refund' },

    offline:
      'The payment is accepted. It will reach the centre as soon as the line is back; you need do nothing more.',
    verify: 'Scan the code with a phone to verify this receipt',
    keep: 'Please keep this receipt. Thank you!',

    originalReceipt: 'Cancelled receipt',
    stornoReceipt: 'Storno receipt',
    reason: 'Reason',
    reasons: {
      wrongAccount: 'wrong account',
      wrongAmount: 'wrong amount',
      payerRefused: 'the payer withdrew',
      duplicate: 'paid twice',
      other: 'other',
    },
    note: 'Note',
    supervisor: 'Supervisor',
    payerSignature: 'Money received (payer)',
    tellerSignature: 'Teller’s signature',
    supervisorSignature: 'Supervisor’s signature',

    scanAtCounter: 'Scan this code at the counter',
    boundAccounts: 'Accounts on this code',
    noAccountsYet: 'No accounts yet. They can be bound at any counter.',
    cardUse:
      'With this code you can pay the accounts of all service companies at any bank or post office. It is also your user name on the payment portal.',
    cardIssued: (branch) => `Issued by: ${branch}`,
  },
  ru: {
    paymentTitle: 'КВИТАНЦИЯ ОБ ОПЛАТЕ',
    stornoTitle: 'КВИТАНЦИЯ СТОРНО',
    card: 'Карта абонента',

    copyStamp: (number) => `КОПИЯ № ${number}`,
    copyMade: (at, by) => `Копия напечатана ${at}: ${by}`,
    stornoStamp: 'СТОРНО',
    stornoedStamp: 'СТОРНИРОВАНО',

    receiptNo: 'Квитанция №',
    dateTime: 'Дата',
    teller: 'Кассир',
    workstationShift: 'Рабочее место, смена',
    registrationCode: 'Код регистрации',
    payer: 'Плательщик',

    account: 'Лицевой счёт',
    holder: 'Владелец счёта',
    period: 'Период',
    billNo: 'Счёт №',
    amount: 'Сумма',
    fee: 'Комиссия',
    debtLeft: (asOf) => `Остаток долга (на ${asOf})`,
    advance: (asOf) => `Аванс на счёте (на ${asOf})`,
    accountNotListed: 'Этого счёта нет в списке компании: сумма поступит компании после проверки.',

    payments: 'Платежи',
    total: 'ИТОГО',
    cashReceived: 'Получено наличными',
    change: 'Сдача',
    cashReturned: 'Возвращено наличными',
    byCard: 'Оплачено картой',
    meter: 'Счётчик',
    meterCard: 'Карта счётчика',
    loadWritten: 'Загружено на карту',
    loadCancelled: 'Загрузка отменена',
    loadOwed: 'НА КАРТУ ЕЩЁ НЕ ЗАГРУЖЕНО',
    loadOwedUnits: 'Будет загружено',
    loadOwedNext:
      'Ваши деньги не пропали: вставьте карту в считыватель на любой кассе этой системы, и загрузка завершится.',
    cardReturned: 'Возвращено на карту',
    authCode: 'Код авторизации',
    posTerminal: 'Терминал / чек',
    terminalSays: 'Чек терминала',
    slipTitle: 'ЧЕК ТЕРМИНАЛА',
    slips: { customer: 'Экземпляр клиента', merchant: 'Экземпляр организации' },
    uncountedCopyStamp: 'КОПИЯ',
    givenBackStamp: 'ДЕНЬГИ ВОЗВРАЩЕНЫ НА КАРТУ',
    cardKinds: { sale: 'Оплата картой', reversal: 'Отмена', refund: 'Возврат на карту' },

    offline:
      'Платёж принят. Он поступит в центр, как только восстановится связь; от вас больше ничего не требуется.',
    verify: 'Чтобы проверить квитанцию, отсканируйте код телефоном',
    keep: 'Сохраняйте квитанцию. Спасибо!',

    originalReceipt: 'Отменённая квитанция',
    stornoReceipt: 'Квитанция сторно',
    reason: 'Причина',
    reasons: {
      wrongAccount: 'неверный лицевой счёт',
      wrongAmount: 'неверная сумма',
      payerRefused: 'плательщик отказался',
      duplicate: 'платёж повторён',
      other: 'другая',
    },
    note: 'Примечание',
    supervisor: 'Супервизор',
    payerSignature: 'Деньги получил (плательщик)',
    tellerSignature: 'Подпись кассира',
    supervisorSignature: 'Подпись супервизора',

    scanAtCounter: 'Отсканируйте этот код в кассе',
    boundAccounts: 'Счета на этом коде',
    noAccountsYet: 'Счетов пока нет. Их можно привязать в любой кассе.',
    cardUse:
      'С этим кодом вы можете оплатить счета всех сервисных компаний в любом банке или почтовом отделении. Он же — имя пользователя на платёжном портале.',
    cardIssued: (branch) => `Выдано: ${branch}`,
  },
};
