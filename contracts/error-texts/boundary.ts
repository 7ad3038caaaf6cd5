import { errorText, type ErrorText } from './error-text.ts';

/** The boundary between two programs. */
export const BOUNDARY_ERRORS = {
  // boundary
  inputInvalid: errorText(
    'Sorğu düzgün deyil: {reason}.',
    'The request is not valid: {reason}.',
    'Запрос неверен: {reason}.',
    'Proqramın versiyasını yoxlayın.',
    'Check the program version.',
    'Проверьте версию программы.',
  ),
  inputTooLarge: errorText(
    'Sorğu çox böyükdür.',
    'The request is too large.',
    'Запрос слишком велик.',
    'Hissələrə bölün.',
    'Send it in parts.',
    'Отправьте по частям.',
  ),
  methodUnknown: errorText(
    'Belə əmr yoxdur: {method}.',
    'There is no method {method}.',
    'Нет такой команды: {method}.',
    'Proqramın versiyasını yoxlayın.',
    'Check the program version.',
    'Проверьте версию программы.',
  ),
  unauthorised: errorText(
    'Kimlik təsdiqlənmədi.',
    'Not authenticated.',
    'Не пройдена проверка.',
    'Yenidən qoşulun.',
    'Connect again.',
    'Подключитесь снова.',
  ),
  idempotencyConflict: errorText(
    'Bu nömrə ilə başqa məzmun artıq qəbul edilib.',
    'This id was already used for something else.',
    'Этот номер уже использован для другого.',
    'Yeni nömrə ilə göndərin.',
    'Send it with a new id.',
    'Отправьте с новым номером.',
  ),
  internalFault: errorText(
    'Proqram xətası (nömrə {reference}). Heç nə itməyib: pula toxunan hər şey jurnaldadır.',
    'A fault in the program (reference {reference}). Nothing is lost: whatever touched money is in the journal.',
    'Ошибка программы (номер {reference}). Ничего не потеряно: всё, что касалось денег, в журнале.',
    'Nömrəni dəstəyə deyin.',
    'Tell support the reference.',
    'Сообщите номер поддержке.',
  ),
  connectionLost: errorText(
    'Proqramla əlaqə kəsildi, nəticə məlum deyil.',
    'The connection to the program was lost; the outcome is not known yet.',
    'Связь с программой прервана, итог пока неизвестен.',
    'Gözləyin: pəncərə özü qoşulur və nəticəni göstərir.',
    'Wait: the window reconnects by itself and shows it.',
    'Подождите: окно подключится само и покажет его.',
  ),
} as const satisfies Record<string, ErrorText>;
