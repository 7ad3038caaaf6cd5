import { errorText, type ErrorText } from './error-text.ts';

/** Meter cards and their loads, as the counter judges them. */
export const LOAD_ERRORS = {
  meterCardAbsent: errorText(
    'Oxuyucuda sayğac kartı yoxdur.',
    'No meter card is in the reader.',
    'В считывателе нет карты счётчика.',
    'Kartı taxın və gözləyin.',
    'Put the card in and wait.',
    'Вставьте карту и подождите.',
  ),
  meterCardOther: errorText(
    'Oxuyucudakı kart bu yükləmənin kartı deyil.',
    'The card in the reader is not the card of this load.',
    'Карта в считывателе не та, для которой эта загрузка.',
    'Yükləmənin öz kartını taxın.',
    'Put in the card the load is for.',
    'Вставьте карту этой загрузки.',
  ),
  loadNeedsCentre: errorText(
    'Mərkəzlə əlaqə yoxdur: onun icazəsi olmadan karta yükləmək olmaz.',
    'The centre does not answer: no card is loaded without its word.',
    'Нет связи с центром: без его разрешения карту загрузить нельзя.',
    'Borcu adi qaydada ödəyə bilərsiniz; kart üçün əlaqə qayıdanda gəlsinlər.',
    'Bills can be paid as usual; for the card the holder comes back when the line is up.',
    'Счета можно оплатить как обычно; с картой пусть придут, когда связь вернётся.',
  ),
  loadBusy: errorText(
    'Bu yükləmə hazırda aparılır və ya nəticəsi naməlumdur.',
    'This load is under way, or its outcome is not known.',
    'Эта загрузка выполняется, или её исход неизвестен.',
    'Kartı oxuyucuda saxlayın və nəticəni gözləyin.',
    'Leave the card in the reader and wait for the outcome.',
    'Оставьте карту в считывателе и дождитесь исхода.',
  ),
  loadNotCancelled: errorText(
    'Bu ödəniş karta yüklənib və ya yüklənə bilər.',
    'What this payment bought is on the card, or may be.',
    'Оплаченное уже на карте или может быть на ней.',
    'Əvvəlcə yükləməni kartın özü ilə ləğv edin.',
    'Cancel the load first, with the card itself.',
    'Сначала отмените загрузку с самой картой.',
  ),
} as const satisfies Record<string, ErrorText>;
