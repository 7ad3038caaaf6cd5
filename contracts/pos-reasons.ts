import type { Language, Localized } from './domain.ts';
import type { PosReason } from './pos.ts';

/** Why a terminal said no, or why nothing is known of it, in the words of people at a counter. Drivers map to these. */
export const POS_REASONS = {
  // the line
  notSet: { az: 'terminal seçilməyib', en: 'no terminal is set', ru: 'терминал не выбран' },
  portAbsent: { az: 'port tapılmadı', en: 'the port is not there', ru: 'порт не найден' },
  portInUse: {
    az: 'portu başqa proqram tutub',
    en: 'another program has the port',
    ru: 'порт занят другой программой',
  },
  noPermission: { az: 'porta icazə yoxdur', en: 'no permission to use the port', ru: 'нет прав на порт' },
  refused: {
    az: 'ünvan qoşulmanı qəbul etmir',
    en: 'the address refuses the connection',
    ru: 'по адресу отказано в соединении',
  },
  unreachable: {
    az: 'terminala şəbəkədə çatmaq olmur',
    en: 'the terminal cannot be reached on the network',
    ru: 'терминал недоступен в сети',
  },
  silent: { az: 'terminal cavab vermir', en: 'the terminal does not answer', ru: 'терминал не отвечает' },
  lineLost: {
    az: 'terminalla xətt kəsildi',
    en: 'the line to the terminal was cut',
    ru: 'связь с терминалом прервалась',
  },
  noise: {
    az: 'xətdə küy var, cavab oxunmadı',
    en: 'noise on the line, the answer could not be read',
    ru: 'помехи на линии, ответ не прочитан',
  },
  notThisProtocol: {
    az: 'bu cihaz seçilmiş protokolla danışmır',
    en: 'this device does not speak the chosen protocol',
    ru: 'устройство не говорит по выбранному протоколу',
  },
  timedOut: {
    az: 'terminal vaxtında cavab vermədi',
    en: 'the terminal did not answer in time',
    ru: 'терминал не ответил вовремя',
  },
  stopped: { az: 'proqram dayandırıldı', en: 'the program was stopped', ru: 'программа была остановлена' },
  // the terminal
  passwordWrong: {
    az: 'terminalın parolu səhvdir',
    en: 'the terminal’s password is wrong',
    ru: 'неверный пароль терминала',
  },
  notRegistered: {
    az: 'terminal kassaya qoşulmayıb',
    en: 'the terminal is not registered with the till',
    ru: 'терминал не зарегистрирован на кассе',
  },
  initialisationNeeded: {
    az: 'terminal başladılmalıdır',
    en: 'the terminal needs initialisation',
    ru: 'терминалу нужна инициализация',
  },
  diagnosisNeeded: {
    az: 'terminala diaqnostika lazımdır',
    en: 'the terminal needs a diagnosis',
    ru: 'терминалу нужна диагностика',
  },
  clockWrong: {
    az: 'terminalın saatı səhvdir',
    en: 'the terminal’s clock is wrong',
    ru: 'часы терминала неверны',
  },
  endOfDayOpen: {
    az: 'terminalda gün bağlanmayıb',
    en: 'the terminal’s day is not closed',
    ru: 'в терминале не закрыт день',
  },
  endOfDayImpossible: {
    az: 'günü bağlamaq olmur',
    en: 'the day cannot be closed now',
    ru: 'день сейчас закрыть нельзя',
  },
  cardStillIn: {
    az: 'kart hələ terminaldadır',
    en: 'a card is still in the terminal',
    ru: 'карта ещё в терминале',
  },
  busy: { az: 'terminal məşğuldur', en: 'the terminal is busy', ru: 'терминал занят' },
  printerTrouble: {
    az: 'terminalın kağızı bitib və ya printeri xarabdır',
    en: 'the terminal’s printer is out of paper or broken',
    ru: 'нет бумаги или неисправен принтер терминала',
  },
  outOfOrder: { az: 'terminal xarabdır', en: 'the terminal is out of order', ru: 'терминал неисправен' },
  memoryFull: {
    az: 'terminalın yaddaşı doludur',
    en: 'the terminal’s memory is full',
    ru: 'память терминала заполнена',
  },
  functionImpossible: {
    az: 'terminal bu əməliyyatı etmir',
    en: 'the terminal cannot do this',
    ru: 'терминал не может этого сделать',
  },
  protocolError: {
    az: 'terminal sorğunu anlamadı',
    en: 'the terminal did not understand the request',
    ru: 'терминал не понял запрос',
  },
  currencyWrong: {
    az: 'terminal manatla işləmir',
    en: 'the terminal does not take manat',
    ru: 'терминал не работает в манатах',
  },
  simulator: { az: 'bu, simulyatordur', en: 'this is a simulator', ru: 'это симулятор' },
  // the card and the bank
  declined: { az: 'bank imtina etdi', en: 'the bank declined', ru: 'банк отказал' },
  insufficientFunds: {
    az: 'kartda kifayət qədər vəsait yoxdur',
    en: 'not enough money on the card',
    ru: 'недостаточно средств',
  },
  wrongPin: { az: 'PİN səhvdir', en: 'wrong PIN', ru: 'неверный PIN' },
  cardUnreadable: { az: 'kart oxunmur', en: 'the card cannot be read', ru: 'карта не читается' },
  cardExpired: { az: 'kartın vaxtı keçib', en: 'the card has expired', ru: 'срок карты истёк' },
  cardUnknown: { az: 'bu kart qəbul olunmur', en: 'this card is not accepted', ru: 'карта не принимается' },
  cardRemoved: {
    az: 'kart vaxtından əvvəl çıxarıldı',
    en: 'the card was taken out too early',
    ru: 'карта извлечена раньше времени',
  },
  cancelled: { az: 'terminalda dayandırıldı', en: 'cancelled at the terminal', ru: 'отменено на терминале' },
  customerTimedOut: {
    az: 'müştəri vaxtında kart təqdim etmədi',
    en: 'the customer presented no card in time',
    ru: 'клиент не предъявил карту вовремя',
  },
  hostAway: { az: 'bankla əlaqə yoxdur', en: 'the bank cannot be reached', ru: 'нет связи с банком' },
  amountNotAllowed: {
    az: 'bu məbləğə icazə verilmir',
    en: 'this amount is not allowed',
    ru: 'сумма не разрешена',
  },
  alreadyReversed: { az: 'artıq ləğv olunub', en: 'it is reversed already', ru: 'уже отменено' },
  reversalImpossible: {
    az: 'ləğv etmək artıq mümkün deyil',
    en: 'it can no longer be reversed',
    ru: 'отменить уже нельзя',
  },
  // the outcome
  autoReversed: {
    az: 'terminal məbləği özü geri qaytardı',
    en: 'the terminal reversed the charge by itself',
    ru: 'терминал сам отменил списание',
  },
  amountDiffers: {
    az: 'terminalın məbləği fərqlidir',
    en: 'the terminal’s amount differs',
    ru: 'сумма терминала отличается',
  },
  notStored: {
    az: 'jurnala yazmaq olmadı, terminala imtina göndərildi',
    en: 'it could not be stored in the journal, so the terminal was refused',
    ru: 'не удалось записать в журнал, терминалу отказано',
  },
  nothingHeld: {
    az: 'terminalda belə əməliyyat yoxdur',
    en: 'the terminal holds no such transaction',
    ru: 'в терминале нет такой операции',
  },
  otherTerminal: {
    az: 'qoşulan başqa terminaldır',
    en: 'another terminal is connected',
    ru: 'подключён другой терминал',
  },
  answerUnclear: {
    az: 'terminalın cavabından nəticə bilinmir',
    en: 'the terminal’s answer does not tell',
    ru: 'из ответа терминала исход не ясен',
  },
  decidedOtherwise: {
    az: 'nəzarətçi başqa ödəniş vasitəsinə icazə verdi',
    en: 'the supervisor let the payer pay otherwise',
    ru: 'супервизор разрешил оплату иначе',
  },
  other: { az: 'terminalın öz səbəbi', en: 'the terminal’s own reason', ru: 'причина терминала' },
} as const satisfies Record<string, Localized>;

export type PosReasonCode = keyof typeof POS_REASONS;

/** A reason of ours with the terminal's own words beside it. */
export const posReason = (code: PosReasonCode, detail = ''): PosReason => ({
  code,
  detail: detail.slice(0, 200),
});

const isReason = (code: string): code is PosReasonCode => Object.hasOwn(POS_REASONS, code);

/** The words for a reason, with the terminal's own where there are any. */
export function posReasonText(reason: PosReason, language: Language): string {
  const words = isReason(reason.code) ? POS_REASONS[reason.code][language] : reason.code;
  return reason.detail === '' ? words : `${words} (${reason.detail})`;
}
