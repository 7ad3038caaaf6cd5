import type { Localized } from './domain.ts';

/**
 * Every expected failure of the system, with what to tell the person and what they do next. `{name}` in a text is
 * replaced by the failure's detail; amounts in detail are qəpik and shown as manat where the name is in AMOUNT_DETAILS.
 */
export type ErrorText = { readonly text: Localized; readonly action: Localized };

const entry = (
  az: string, en: string, ru: string,
  azAction: string, enAction: string, ruAction: string,
): ErrorText => ({ text: { az, en, ru }, action: { az: azAction, en: enAction, ru: ruAction } });

export const AMOUNT_DETAILS: readonly string[] = ['owed', 'min', 'max', 'missing', 'cap'];

export const ERRORS = {
  // amounts and company rules
  amountTooSmall: entry('Məbləğ azdır: ən azı {min}.', 'The amount is too small: at least {min}.', 'Сумма мала: не менее {min}.', 'Daha böyük məbləğ yazın.', 'Enter a larger amount.', 'Введите большую сумму.'),
  amountTooBig: entry('Məbləğ çoxdur: ən çoxu {max}.', 'The amount is too large: at most {max}.', 'Сумма велика: не более {max}.', 'Daha kiçik məbləğ yazın və ya iki ödəniş edin.', 'Enter a smaller amount or make two payments.', 'Введите меньшую сумму или сделайте два платежа.'),
  amountMustBeExact: entry('Bu şirkət yalnız tam borcu qəbul edir: {owed}.', 'This company takes only the exact debt: {owed}.', 'Компания принимает только точный долг: {owed}.', 'Borcun tam məbləğini yazın.', 'Enter the exact debt.', 'Введите точную сумму долга.'),
  amountMustCoverDebt: entry('Bu şirkət borcdan az qəbul etmir: {owed}.', 'This company takes no less than the debt: {owed}.', 'Компания не принимает меньше долга: {owed}.', 'Borcu və ya daha çox məbləği yazın.', 'Enter the debt or more.', 'Введите долг или больше.'),
  amountOverDebt: entry('Məbləğ borcdan çoxdur: {owed}. Bu şirkət avans qəbul etmir.', 'The amount exceeds the debt of {owed}; this company takes no advance.', 'Сумма больше долга {owed}; компания не принимает аванс.', 'Borcdan çox olmayan məbləğ yazın.', 'Enter no more than the debt.', 'Введите не больше долга.'),
  advanceNotAllowed: entry('Borc yoxdur və bu şirkət avans qəbul etmir.', 'Nothing is owed and this company takes no advance.', 'Долга нет, а аванс компания не принимает.', 'Bu hesabı səbətdən çıxarın.', 'Remove this account from the basket.', 'Уберите этот счёт из корзины.'),
  billerNotLive: entry('Bu şirkət üçün hazırda ödəniş qəbul edilmir.', 'Payments to this company are not taken at present.', 'Платежи этой компании сейчас не принимаются.', 'Ödəyiciyə bildirin, digər hesabları ödəyin.', 'Tell the payer; pay the other accounts.', 'Сообщите плательщику; оплатите другие счета.'),
  billerUnknown: entry('Belə xidmət şirkəti tapılmadı.', 'There is no such company.', 'Такая компания не найдена.', 'Qaimədəki şirkəti yoxlayın.', 'Check the company on the bill.', 'Проверьте компанию на счёте.'),
  accountUnknown: entry('Bu abunəçi kodu tapılmadı.', 'No such account.', 'Такой счёт не найден.', 'Kodu qaimə ilə tutuşdurun.', 'Compare the number with the bill.', 'Сверьте номер со счётом.'),
  accountNotInMask: entry('Abunəçi kodu bu şirkətin kodlarına uyğun deyil. Nümunə: {example}.', 'The number does not look like an account of this company, for example {example}.', 'Номер не похож на счёт этой компании, например {example}.', 'Kodu yenidən yazın.', 'Type the number again.', 'Введите номер ещё раз.'),
  // codes
  codeDamaged: entry('Kodda səhv var: yoxlama rəqəmi uyğun gəlmir.', 'The code has an error: its check digit does not fit.', 'В коде ошибка: контрольная цифра не сходится.', 'Yenidən oxudun və ya yazın.', 'Scan or type it again.', 'Отсканируйте или введите заново.'),
  subscriberUnknown: entry('Bu qeydiyyat kodu ilə abunəçi tapılmadı.', 'No subscriber has this registration code.', 'Абонент с таким кодом не найден.', 'Kodu yoxlayın; yenidirsə, məlumat bir azdan gələcək.', 'Check the code; a new one may arrive in a while.', 'Проверьте код; новый может появиться чуть позже.'),
  codesExhausted: entry('Bu iş yerində boş qeydiyyat kodu qalmayıb.', 'This workstation has no free registration codes left.', 'На этом рабочем месте не осталось свободных кодов.', 'Mərkəzlə əlaqə bərpa olunanda yenidən cəhd edin; ödənişi kodsuz qəbul edin.', 'Try again when the centre is back; take the payment without a code.', 'Повторите, когда центр будет на связи; примите платёж без кода.'),
  accountAlreadyBound: entry('Bu hesab artıq bu koda bağlıdır.', 'This account already hangs on this code.', 'Этот счёт уже привязан к коду.', 'Başqa hesab seçin.', 'Choose another account.', 'Выберите другой счёт.'),
  accountNotBound: entry('Bu hesab bu koda bağlı deyil.', 'This account does not hang on this code.', 'Этот счёт не привязан к коду.', 'Siyahını yeniləyin.', 'Refresh the list.', 'Обновите список.'),
  // people
  loginWrong: entry('İstifadəçi adı və ya parol səhvdir.', 'The user name or password is wrong.', 'Неверное имя или пароль.', 'Yenidən yazın.', 'Type them again.', 'Введите снова.'),
  loginLocked: entry('Çox səhv cəhd: giriş {minutes} dəqiqəlik bağlanıb.', 'Too many wrong tries: log-in is closed for {minutes} minutes.', 'Слишком много попыток: вход закрыт на {minutes} мин.', 'Gözləyin və ya nəzarətçiyə müraciət edin.', 'Wait, or ask your supervisor.', 'Подождите или обратитесь к супервизору.'),
  userBlocked: entry('Bu istifadəçi bloklanıb.', 'This user is blocked.', 'Пользователь заблокирован.', 'Nəzarətçiyə müraciət edin.', 'Ask your supervisor.', 'Обратитесь к супервизору.'),
  loginNeedsCentre: entry('Mərkəz əlaqəsizdir və bu istifadəçi bu iş yerinə {hours} saatdan çoxdur girməyib.', 'The centre is away and this person has not logged in here online within {hours} hours.', 'Центр недоступен, а вход здесь не выполнялся более {hours} ч.', 'Burada bu yaxınlarda işləmiş operator daxil olsun.', 'Let someone who worked here lately log in.', 'Пусть войдёт тот, кто недавно здесь работал.'),
  notLoggedIn: entry('Giriş edilməyib.', 'Nobody is logged in.', 'Вход не выполнен.', 'Daxil olun.', 'Log in.', 'Войдите.'),
  notAllowed: entry('Bu əməliyyat üçün hüququnuz yoxdur.', 'You are not allowed to do this.', 'У вас нет прав на это действие.', 'Nəzarətçini çağırın.', 'Call the supervisor.', 'Позовите супервизора.'),
  ownApproval: entry('Öz əməliyyatınızı özünüz təsdiqləyə bilməzsiniz.', 'Nobody approves their own act.', 'Нельзя утвердить собственное действие.', 'Başqa nəzarətçi təsdiqləsin.', 'Another supervisor must approve.', 'Утвердить должен другой супервизор.'),
  tooManyRequests: entry('Çox tez-tez müraciət olunur.', 'Too many requests.', 'Слишком много запросов.', '{seconds} saniyə gözləyin.', 'Wait {seconds} seconds.', 'Подождите {seconds} с.'),
  // shift
  shiftNotOpen: entry('Növbə açıq deyil.', 'No shift is open.', 'Смена не открыта.', 'Əvvəl növbəni açın (F9).', 'Open a shift first (F9).', 'Сначала откройте смену (F9).'),
  shiftAlreadyOpen: entry('Sizin növbəniz artıq açıqdır.', 'Your shift is already open.', 'Ваша смена уже открыта.', 'Davam edin.', 'Carry on.', 'Продолжайте.'),
  shiftCounting: entry('Kassa sayılır: ödəniş qəbul edilmir.', 'The drawer is being counted: no payments.', 'Идёт подсчёт кассы: платежи не принимаются.', 'Sayımı bitirin və ya ləğv edin.', 'Finish the count or cancel it.', 'Завершите или отмените подсчёт.'),
  shiftHasOpenWork: entry('Bitməmiş ödəniş var.', 'There is unfinished work.', 'Есть незавершённые операции.', 'Səbəti tamamlayın və ya boşaldın.', 'Finish or clear the basket.', 'Завершите или очистите корзину.'),
  countDiffers: entry('Sayılan məbləğ gözləniləndən fərqlənir.', 'The count differs from what is expected.', 'Подсчёт не сходится с ожидаемым.', 'Yenidən sayın; fərq qalırsa, səbəbini yazın.', 'Count again; if it stays, give the reason.', 'Пересчитайте; если разница осталась, укажите причину.'),
  // basket, tender
  basketEmpty: entry('Səbət boşdur.', 'The basket is empty.', 'Корзина пуста.', 'Qaimə oxudun və ya abunəçi tapın.', 'Scan a bill or find a subscriber.', 'Отсканируйте счёт или найдите абонента.'),
  basketChanged: entry('Səbət bu arada dəyişib.', 'The basket has changed meanwhile.', 'Корзина тем временем изменилась.', 'Yeni məbləği yoxlayın və təkrarlayın.', 'Check the new total and repeat.', 'Проверьте новую сумму и повторите.'),
  basketFull: entry('Bir qəbzə ən çoxu {lines} sətir sığır.', 'One receipt holds at most {lines} lines.', 'В одной квитанции не более {lines} строк.', 'Bu səbəti ödəyin, qalanını növbəti qəbzdə.', 'Pay this basket; put the rest on the next receipt.', 'Оплатите эту корзину; остальное – в следующей.'),
  lineUnknown: entry('Bu sətir səbətdə yoxdur.', 'This line is not in the basket.', 'Этой строки нет в корзине.', 'Səbətə baxın.', 'Look at the basket.', 'Посмотрите корзину.'),
  accountInBasket: entry('Bu hesab artıq səbətdədir.', 'This account is already in the basket.', 'Этот счёт уже в корзине.', 'Məbləği səbətdə dəyişin.', 'Change its amount in the basket.', 'Измените сумму в корзине.'),
  tenderTooSmall: entry('Alınan pul çatmır: {missing} əskikdir.', 'Not enough money: {missing} is missing.', 'Денег не хватает: недостаёт {missing}.', 'Qalanını alın və ya səbəti azaldın.', 'Take the rest or make the basket smaller.', 'Возьмите остаток или уменьшите корзину.'),
  // offline policy
  offlineNotAllowed: entry('Bu şirkət əlaqəsiz rejimdə ödəniş qəbul etmir.', 'This company takes no payments while the centre is away.', 'Эта компания не принимает платежи без связи с центром.', 'Əlaqə bərpa olunanda ödəyin.', 'Pay when the line is back.', 'Оплатите, когда связь восстановится.'),
  offlinePaymentCap: entry('Əlaqəsiz bir ödənişin həddi {cap}-dır.', 'A payment while the centre is away is limited to {cap}.', 'Без связи один платёж ограничен суммой {cap}.', 'Məbləği azaldın.', 'Make the amount smaller.', 'Уменьшите сумму.'),
  offlineShiftCap: entry('Əlaqəsiz növbə həddi dolub: {cap}.', 'The limit of this shift without the centre, {cap}, is reached.', 'Лимит смены без связи {cap} исчерпан.', 'Əlaqənin bərpasını gözləyin.', 'Wait for the line.', 'Дождитесь связи.'),
  centreAway: entry('Mərkəz cavab vermir.', 'The centre does not answer.', 'Центр не отвечает.', 'Şəbəkəni yoxlayın; ödənişlər yerli jurnalda davam edir.', 'Check the network; payments go on in the local journal.', 'Проверьте сеть; платежи продолжаются в локальном журнале.'),
  // receipts, storno
  receiptUnknown: entry('Belə qəbz tapılmadı.', 'No such receipt.', 'Такая квитанция не найдена.', 'Nömrəni yoxlayın.', 'Check the number.', 'Проверьте номер.'),
  paymentAlreadyStornoed: entry('Bu ödəniş artıq storno edilib.', 'This payment has been cancelled already.', 'Этот платёж уже сторнирован.', 'Qəbzə baxın.', 'Look at the receipt.', 'Посмотрите квитанцию.'),
  stornoNotOwnShift: entry('Yalnız öz açıq növbənizin ödənişi storno edilir.', 'Only a payment of your own open shift can be cancelled here.', 'Сторнировать можно только платёж своей открытой смены.', 'Ödənişi qəbul edən operatora və ya mərkəzə müraciət edin.', 'Turn to the teller who took it, or to the centre.', 'Обратитесь к кассиру, принявшему платёж, или в центр.'),
  stornoAfterSettlement: entry('Bu ödəniş artıq hesablaşmaya daxil olub.', 'This payment is already settled.', 'Этот платёж уже вошёл в расчёты.', 'Geri qaytarma üçün mərkəzə müraciət edin.', 'Ask the centre for a refund.', 'Обратитесь в центр за возвратом.'),
  drawerTooLow: entry('Kassada qaytarmaq üçün pul çatmır: {missing}.', 'The drawer is short of {missing} to give back.', 'В кассе не хватает {missing} для возврата.', 'Nəzarətçidən pul alın.', 'Get money from the supervisor.', 'Возьмите деньги у супервизора.'),
  printerAway: entry('Printer çap etmədi: {reason}.', 'The printer did not print: {reason}.', 'Принтер не напечатал: {reason}.', 'Ödəniş qeydə alınıb. Printeri yoxlayın və surəti çap edin.', 'The payment stands. Check the printer and print a copy.', 'Платёж проведён. Проверьте принтер и напечатайте копию.'),
  // journal and device
  journalUnwritable: entry('Jurnala yazmaq mümkün olmadı: {reason}.', 'The journal cannot be written: {reason}.', 'Не удаётся записать в журнал: {reason}.', 'PUL QƏBUL ETMƏYİN. Disk yerini yoxlayın, dəstəyi çağırın.', 'DO NOT TAKE MONEY. Check the disk, call support.', 'НЕ ПРИНИМАЙТЕ ДЕНЬГИ. Проверьте диск, вызовите поддержку.'),
  journalInUse: entry('Bu jurnalı başqa proqram tutur: {holder}.', 'Another program holds this journal: {holder}.', 'Журнал занят другой программой: {holder}.', 'O biri pəncərəni bağlayın.', 'Close the other one.', 'Закройте другую программу.'),
  journalDamaged: entry('Jurnalın {seq} nömrəli yazısı pozulub.', 'Entry {seq} of the journal is damaged.', 'Запись {seq} журнала повреждена.', 'PUL QƏBUL ETMƏYİN. Dəstəyi çağırın.', 'DO NOT TAKE MONEY. Call support.', 'НЕ ПРИНИМАЙТЕ ДЕНЬГИ. Вызовите поддержку.'),
  journalGap: entry('Mərkəz {expectedSeq} nömrəli yazını gözləyir.', 'The centre expects entry {expectedSeq}.', 'Центр ждёт запись {expectedSeq}.', 'Göndərmə həmin yerdən davam edir.', 'Sending goes on from there.', 'Отправка продолжится с неё.'),
  journalFork: entry('{seq} nömrəli yazı mərkəzdəkindən fərqlidir.', 'Entry {seq} differs from the one the centre has.', 'Запись {seq} отличается от записи центра.', 'İş yeri dayandırılıb. Dəstəyi çağırın.', 'The workstation is stopped. Call support.', 'Рабочее место остановлено. Вызовите поддержку.'),
  journalForged: entry('{seq} nömrəli yazının imzası və ya zənciri səhvdir.', 'The signature or chain of entry {seq} is wrong.', 'Подпись или цепочка записи {seq} неверна.', 'Heç nə qəbul edilmədi. Dəstəyi çağırın.', 'Nothing was accepted. Call support.', 'Ничего не принято. Вызовите поддержку.'),
  deviceUnknown: entry('Bu iş yeri mərkəzdə qeydiyyatda deyil.', 'The centre does not know this workstation.', 'Центр не знает это рабочее место.', 'İş yerini birdəfəlik kodla qoşun.', 'Enrol it with a one-time code.', 'Подключите его одноразовым кодом.'),
  deviceQuarantined: entry('Bu iş yeri mərkəz tərəfindən dayandırılıb.', 'The centre has quarantined this workstation.', 'Центр остановил это рабочее место.', 'Dəstəyi çağırın; jurnal saxlanılır.', 'Call support; the journal is kept.', 'Вызовите поддержку; журнал сохранён.'),
  enrolmentCodeWrong: entry('Qoşulma kodu səhvdir, istifadə olunub və ya vaxtı keçib.', 'The enrolment code is wrong, used or expired.', 'Код подключения неверен, использован или просрочен.', 'Mərkəzdən yeni kod alın.', 'Get a new code from the centre.', 'Получите новый код в центре.'),
  notEnrolled: entry('İş yeri hələ mərkəzə qoşulmayıb.', 'This workstation is not enrolled yet.', 'Рабочее место ещё не подключено.', 'Birdəfəlik kodu yazın.', 'Enter the one-time code.', 'Введите одноразовый код.'),
  alreadyEnrolled: entry('İş yeri artıq qoşulub.', 'This workstation is enrolled already.', 'Рабочее место уже подключено.', 'Davam edin.', 'Carry on.', 'Продолжайте.'),
  // boundary
  inputInvalid: entry('Sorğu düzgün deyil: {reason}.', 'The request is not valid: {reason}.', 'Запрос неверен: {reason}.', 'Proqramın versiyasını yoxlayın.', 'Check the program version.', 'Проверьте версию программы.'),
  inputTooLarge: entry('Sorğu çox böyükdür.', 'The request is too large.', 'Запрос слишком велик.', 'Hissələrə bölün.', 'Send it in parts.', 'Отправьте по частям.'),
  methodUnknown: entry('Belə əmr yoxdur: {method}.', 'There is no method {method}.', 'Нет такой команды: {method}.', 'Proqramın versiyasını yoxlayın.', 'Check the program version.', 'Проверьте версию программы.'),
  unauthorised: entry('Kimlik təsdiqlənmədi.', 'Not authenticated.', 'Не пройдена проверка.', 'Yenidən qoşulun.', 'Connect again.', 'Подключитесь снова.'),
  idempotencyConflict: entry('Bu nömrə ilə başqa məzmun artıq qəbul edilib.', 'This id was already used for something else.', 'Этот номер уже использован для другого.', 'Yeni nömrə ilə göndərin.', 'Send it with a new id.', 'Отправьте с новым номером.'),
  internalFault: entry('Proqram xətası (nömrə {reference}). Heç nə itməyib: pula toxunan hər şey jurnaldadır.', 'A fault in the program (reference {reference}). Nothing is lost: whatever touched money is in the journal.', 'Ошибка программы (номер {reference}). Ничего не потеряно: всё, что касалось денег, в журнале.', 'Nömrəni dəstəyə deyin.', 'Tell support the reference.', 'Сообщите номер поддержке.'),
  connectionLost: entry('Proqramla əlaqə kəsildi, nəticə məlum deyil.', 'The connection to the program was lost; the outcome is not known yet.', 'Связь с программой прервана, итог пока неизвестен.', 'Gözləyin: pəncərə özü qoşulur və nəticəni göstərir.', 'Wait: the window reconnects by itself and shows it.', 'Подождите: окно подключится само и покажет его.'),
  // lists of the service companies (exchange)
  listMalformed: entry('Siyahı düzgün XML deyil: sətir {line}, {reason}.', 'The list is not well-formed: line {line}, {reason}.', 'Список составлен неверно: строка {line}, {reason}.', 'Faylı düzəldib yenidən göndərin. Heç nə dəyişməyib.', 'Mend the file and send it again. Nothing was changed.', 'Исправьте файл и пришлите снова. Ничего не изменено.'),
  listHostile: entry('Siyahıda icazəsiz quruluş var: sətir {line}, {reason}.', 'The list holds what is not allowed: line {line}, {reason}.', 'В списке недопустимое: строка {line}, {reason}.', 'DOCTYPE, entity və nəhəng sahələr olmadan göndərin.', 'Send it without DOCTYPE, entities or giant fields.', 'Пришлите без DOCTYPE, сущностей и огромных полей.'),
  listWrongCompany: entry('Siyahı {found} şirkətinindir, {expected} gözlənilirdi.', 'The list is of {found}, expected {expected}.', 'Список от {found}, ожидался {expected}.', 'Faylın ünvanını yoxlayın.', 'Check where the file was sent.', 'Проверьте, куда отправлен файл.'),
  listOutOfSequence: entry('Siyahının nömrəsi {found}, gözlənilən {expected}.', 'The list is number {found}, expected {expected}.', 'Номер списка {found}, ожидался {expected}.', 'Çatışmayan siyahıları göndərin.', 'Send the missing lists.', 'Пришлите недостающие списки.'),
  listUnsigned: entry('Siyahı imzalanmayıb.', 'The list is not signed.', 'Список не подписан.', 'İmzalayıb yenidən göndərin.', 'Sign it and send it again.', 'Подпишите и пришлите снова.'),
  listSignatureWrong: entry('Siyahının imzası etibarlı deyil: {reason}.', 'The signature of the list is not valid: {reason}.', 'Подпись списка недействительна: {reason}.', 'Sertifikatı və faylı yoxlayın.', 'Check the certificate and the file.', 'Проверьте сертификат и файл.'),
  listTooManyBadRecords: entry('{bad} yazı yararsızdır, icazə verilən {tolerance}.', '{bad} records are bad, {tolerance} are tolerated.', 'Плохих записей {bad}, допустимо {tolerance}.', 'Qəbzdəki yazıları düzəldin. Heç nə dəyişməyib.', 'Mend the records named in the acknowledgement. Nothing was changed.', 'Исправьте записи из квитанции. Ничего не изменено.'),
  listTruncated: entry('Siyahı yarımçıqdır: {found} yazı, {expected} gözlənilirdi.', 'The list is cut short: {found} records, {expected} were stated.', 'Список неполон: записей {found}, заявлено {expected}.', 'Faylı tam göndərin.', 'Send the whole file.', 'Пришлите файл целиком.'),
  participantUnknown: entry('Belə iştirakçı yoxdur: {participant}.', 'There is no participant {participant}.', 'Нет такого участника: {participant}.', 'Kodu yoxlayın.', 'Check its code.', 'Проверьте код.'),
  nameTaken: entry('Bu ad artıq tutulub: {name}.', 'This name is taken: {name}.', 'Имя занято: {name}.', 'Başqa ad seçin.', 'Choose another one.', 'Выберите другое.'),
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERRORS;
