import { errorText, type ErrorText } from './error-text.ts';

/** Receipts, storno and the printer. */
export const PAPER_ERRORS = {
  // receipts, storno
  receiptUnknown: errorText(
    'Belə qəbz tapılmadı.',
    'No such receipt.',
    'Такая квитанция не найдена.',
    'Nömrəni yoxlayın.',
    'Check the number.',
    'Проверьте номер.',
  ),
  paymentAlreadyStornoed: errorText(
    'Bu ödəniş artıq storno edilib.',
    'This payment has been cancelled already.',
    'Этот платёж уже сторнирован.',
    'Qəbzə baxın.',
    'Look at the receipt.',
    'Посмотрите квитанцию.',
  ),
  stornoNotOwnShift: errorText(
    'Yalnız öz açıq növbənizin ödənişi storno edilir.',
    'Only a payment of your own open shift can be cancelled here.',
    'Сторнировать можно только платёж своей открытой смены.',
    'Ödənişi qəbul edən operatora və ya mərkəzə müraciət edin.',
    'Turn to the teller who took it, or to the centre.',
    'Обратитесь к кассиру, принявшему платёж, или в центр.',
  ),
  stornoAfterSettlement: errorText(
    'Bu ödəniş artıq hesablaşmaya daxil olub.',
    'This payment is already settled.',
    'Этот платёж уже вошёл в расчёты.',
    'Geri qaytarma üçün mərkəzə müraciət edin.',
    'Ask the centre for a refund.',
    'Обратитесь в центр за возвратом.',
  ),
  drawerTooLow: errorText(
    'Kassada qaytarmaq üçün pul çatmır: {missing}.',
    'The drawer is short of {missing} to give back.',
    'В кассе не хватает {missing} для возврата.',
    'Nəzarətçidən pul alın.',
    'Get money from the supervisor.',
    'Возьмите деньги у супервизора.',
  ),
  printerAway: errorText(
    'Printer çap etmədi: {reason}.',
    'The printer did not print: {reason}.',
    'Принтер не напечатал: {reason}.',
    'Ödəniş qeydə alınıb. Printeri yoxlayın və surəti çap edin.',
    'The payment stands. Check the printer and print a copy.',
    'Платёж проведён. Проверьте принтер и напечатайте копию.',
  ),
} as const satisfies Record<string, ErrorText>;
