import type { Language, Localized } from './domain.ts';

/** Why a printer did not print or is not ready, in the words of people at a counter. */
export const PRINTER_REASONS = {
  notSet: { az: 'printer seçilməyib', en: 'no printer is set', ru: 'принтер не выбран' },
  absent: { az: 'printer qoşulmayıb', en: 'the printer is not connected', ru: 'принтер не подключён' },
  noPermission: {
    az: 'printerə yazmağa icazə yoxdur',
    en: 'no permission to write to the printer',
    ru: 'нет прав на запись в принтер',
  },
  busy: { az: 'printer məşğuldur', en: 'the printer is busy', ru: 'принтер занят' },
  full: {
    az: 'çap faylı üçün diskdə yer qalmayıb',
    en: 'no space left for the print file',
    ru: 'нет места для файла печати',
  },
  deviceFault: {
    az: 'printer yazma xətası verdi',
    en: 'the printer failed while being written to',
    ru: 'ошибка записи в принтер',
  },
  hostUnknown: {
    az: 'printerin şəbəkə adı tapılmadı',
    en: 'the printer’s network name was not found',
    ru: 'сетевое имя принтера не найдено',
  },
  refused: {
    az: 'printerin ünvanı qoşulmanı qəbul etmir',
    en: 'the printer’s address refuses the connection',
    ru: 'по адресу принтера отказано в соединении',
  },
  unreachable: {
    az: 'şəbəkədə printerə çatmaq olmur',
    en: 'the printer cannot be reached on the network',
    ru: 'принтер недоступен в сети',
  },
  timedOut: {
    az: 'printer vaxtında cavab vermədi',
    en: 'the printer did not answer in time',
    ru: 'принтер не ответил вовремя',
  },
  connectionLost: {
    az: 'printerlə əlaqə çap zamanı kəsildi',
    en: 'the connection was lost while printing',
    ru: 'связь с принтером прервалась при печати',
  },
  paperOut: { az: 'kağız bitib', en: 'out of paper', ru: 'нет бумаги' },
  coverOpen: { az: 'qapaq açıqdır', en: 'the cover is open', ru: 'открыта крышка' },
  printerOffline: { az: 'printer dayandırılıb', en: 'the printer is off line', ru: 'принтер остановлен' },
} as const satisfies Record<string, Localized>;

export type PrinterReason = keyof typeof PRINTER_REASONS;

const isReason = (text: string): text is PrinterReason => Object.hasOwn(PRINTER_REASONS, text);

/** The words for a reason that `PrinterPort` gave; text that is not one of the codes is handed back as it is. */
export const printerReasonText = (reason: string, language: Language): string =>
  isReason(reason) ? PRINTER_REASONS[reason][language] : reason;
