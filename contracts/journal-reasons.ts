import type { Language, Localized } from './domain.ts';

/** Why the journal cannot be written, in the words of people at a counter: the `reason` of `journalUnwritable`. */
export const JOURNAL_REASONS = {
  diskFull: { az: 'diskdə yer qalmayıb', en: 'the disk is full', ru: 'на диске нет места' },
  readOnly: {
    az: 'jurnalın qovluğuna yazmağa icazə yoxdur',
    en: 'the journal’s folder is read-only',
    ru: 'папка журнала доступна только для чтения',
  },
  busy: {
    az: 'jurnalı başqa proqram məşğul edir',
    en: 'another program keeps the journal busy',
    ru: 'журнал занят другой программой',
  },
  diskFault: { az: 'disk xəta verir', en: 'the disk reports a fault', ru: 'диск сообщает об ошибке' },
  notEnrolled: {
    az: 'iş yeri hələ mərkəzə qoşulmayıb',
    en: 'this workstation is not enrolled yet',
    ru: 'рабочее место ещё не подключено',
  },
  otherDevice: {
    az: 'jurnal başqa iş yerinin açarına məxsusdur',
    en: 'the journal belongs to another device key',
    ru: 'журнал принадлежит другому ключу устройства',
  },
  newerProgram: {
    az: 'jurnal proqramın daha yeni versiyası ilə yazılıb',
    en: 'a newer version of the program wrote this journal',
    ru: 'журнал записан более новой версией программы',
  },
} as const satisfies Record<string, Localized>;

export type JournalReason = keyof typeof JOURNAL_REASONS;

const isReason = (text: string): text is JournalReason => Object.hasOwn(JOURNAL_REASONS, text);

/** The words for a reason that the journal gave; text that is not one of the codes is handed back as it is. */
export const journalReasonText = (reason: string, language: Language): string =>
  isReason(reason) ? JOURNAL_REASONS[reason][language] : reason;
