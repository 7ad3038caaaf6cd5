import type { Language, Localized } from './domain.ts';

/** Why a meter card was not read or not loaded, in the words of people at a counter. Drivers and the core map to these. */
export const LOAD_REASONS = {
  // the reader
  noService: {
    az: 'kart xidməti işləmir',
    en: 'the card service is not running',
    ru: 'служба карт не запущена',
  },
  noReader: {
    az: 'kart oxuyucu qoşulmayıb',
    en: 'no card reader is connected',
    ru: 'считыватель не подключён',
  },
  readerTaken: {
    az: 'oxuyucunu başqa proqram tutub',
    en: 'another program has the reader',
    ru: 'считыватель занят другой программой',
  },
  readerCannot: {
    az: 'bu oxuyucu yaddaş kartı ilə işləmir',
    en: 'this reader cannot work with memory cards',
    ru: 'считыватель не работает с картами памяти',
  },
  // the card
  noCard: { az: 'kart oxuyucuda deyil', en: 'the card is not in the reader', ru: 'карты нет в считывателе' },
  otherCard: {
    az: 'oxuyucudakı kart başqa kartdır',
    en: 'another card is in the reader',
    ru: 'в считывателе другая карта',
  },
  removed: {
    az: 'kart yazılarkən çıxarıldı',
    en: 'the card was taken out',
    ru: 'карту вынули',
  },
  mute: { az: 'kart cavab vermir', en: 'the card does not answer', ru: 'карта не отвечает' },
  foreign: {
    az: 'bu, tanıdığımız sayğac kartı deyil',
    en: 'this is no meter card we know',
    ru: 'это не известная нам карта счётчика',
  },
  unreadable: {
    az: 'kart oxunmadı',
    en: 'the card could not be read',
    ru: 'карту не удалось прочитать',
  },
  worn: { az: 'kartın yaddaşı xarabdır', en: 'the card’s memory has failed', ru: 'память карты неисправна' },
  codeTries: {
    az: 'kartın kodu əvvəllər səhv yazılıb, risk edilmir',
    en: 'the card’s code was tried wrongly before: it is not put at risk',
    ru: 'код карты уже вводили неверно, рисковать нельзя',
  },
  cardRefused: {
    az: 'kart yükləməni qəbul etmədi',
    en: 'the card refused the load',
    ru: 'карта отклонила загрузку',
  },
  cardFull: {
    az: 'kartda bu qədər yer yoxdur',
    en: 'the card cannot hold that much',
    ru: 'на карту столько не помещается',
  },
  answerLost: {
    az: 'kartın cavabı itdi',
    en: 'the card’s answer was lost',
    ru: 'ответ карты потерян',
  },
  // the way there
  centreAway: { az: 'mərkəz cavab vermir', en: 'the centre does not answer', ru: 'центр не отвечает' },
  centreRefused: {
    az: 'mərkəz yükləməyə icazə vermədi',
    en: 'the centre did not allow the load',
    ru: 'центр не разрешил загрузку',
  },
  keyStoreAway: {
    az: 'mərkəzin açar anbarı işləmir',
    en: 'the centre’s key store is away',
    ru: 'хранилище ключей центра недоступно',
  },
  notPaidYet: {
    az: 'ödəniş mərkəzə hələ çatmayıb',
    en: 'the payment has not reached the centre yet',
    ru: 'платёж ещё не дошёл до центра',
  },
  journalUnwritable: {
    az: 'jurnal yazılmır',
    en: 'the journal cannot be written',
    ru: 'журнал не записывается',
  },
  stopped: { az: 'proqram dayandırıldı', en: 'the program was stopped', ru: 'программа была остановлена' },
} as const satisfies Record<string, Localized>;

export type LoadReason = keyof typeof LOAD_REASONS;
export const loadReasonCodes = Object.keys(LOAD_REASONS) as [LoadReason, ...LoadReason[]];

/** The words of a reason, beginning in lower case. */
export const loadReasonText = (reason: LoadReason, language: Language): string =>
  LOAD_REASONS[reason][language];
