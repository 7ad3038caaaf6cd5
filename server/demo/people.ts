import type { Chance } from './random.ts';

/** Surnames in their male form; a woman's adds -a (Məmmədov → Məmmədova), those in -li, -zadə and -lı stay. */
const SURNAMES = [
  'Məmmədov', 'Əliyev', 'Hüseynov', 'Həsənov', 'Quliyev', 'İsmayılov', 'Abbasov', 'Rəhimov', 'Səfərov', 'Cəfərov',
  'Bağırov', 'Mustafayev', 'Babayev', 'Qasımov', 'Nəsirov', 'Orucov', 'Vəliyev', 'Ağayev', 'Süleymanov', 'İbrahimov',
  'Kərimov', 'Şirinov', 'Rzayev', 'Mirzəyev', 'Novruzov', 'Tağıyev', 'Əhmədov', 'Məlikov', 'Səmədov', 'Yusifov',
  'Zeynalov', 'Həşimov', 'Cabbarov', 'Xəlilov', 'Nağıyev', 'Əsgərov', 'Bayramov', 'Şükürov', 'Hacıyev', 'Allahverdiyev',
  'İskəndərov', 'Fərzəliyev', 'Ələkbərov', 'Muradov', 'Hümbətov', 'Qurbanov', 'Namazov', 'Paşayev', 'Sadıqov', 'Xudiyev',
  'Nəbiyev', 'Abdullayev', 'Cavadov', 'Göyüşov', 'Axundov', 'Dadaşov', 'Cəlilov', 'Zamanov', 'Musayev', 'Talıbov',
  'Kazımzadə', 'Əfəndizadə', 'Mehdizadə', 'Rəsulzadə', 'Axundzadə', 'Hacızadə', 'Şıxlı', 'Qaralı', 'Cavanşirli', 'Vurğunlu',
] as const;

const MEN = [
  'Elşən', 'İlqar', 'Rəşad', 'Vüqar', 'Elçin', 'Anar', 'Orxan', 'Tural', 'Emin', 'Fərid', 'Kamran', 'Ramil', 'Samir',
  'Ceyhun', 'Natiq', 'Rövşən', 'Zaur', 'Elnur', 'Əli', 'Həsən', 'Hüseyn', 'Mübariz', 'Əkbər', 'İsmayıl', 'Yaşar',
  'Tofiq', 'Çingiz', 'Şahin', 'Nizami', 'Fikrət', 'Vaqif', 'Arif', 'Rauf', 'Ağası', 'Bəxtiyar', 'Sərxan', 'Nurlan',
  'Murad', 'İlham', 'Azər', 'Ümid', 'Günduz', 'Xəyal', 'Toğrul', 'Cavid', 'Ruslan', 'Əziz', 'Balaxan', 'Qabil', 'Sabir',
] as const;

const WOMEN = [
  'Aygün', 'Leyla', 'Günel', 'Sevinc', 'Nərgiz', 'Könül', 'Aytən', 'Lalə', 'Ülviyyə', 'Şəbnəm', 'Gülnarə', 'Səbinə',
  'Fidan', 'Xatirə', 'Nigar', 'Pərvanə', 'Turanə', 'Jalə', 'Çinarə', 'Zümrüd', 'Elnarə', 'Məhbubə', 'Təranə', 'İradə',
  'Ruhəngiz', 'Solmaz', 'Sədaqət', 'Mələk', 'Gülşən', 'Dilarə', 'Ofelya', 'Validə', 'Afaq', 'Arzu', 'Nuranə', 'Zəhra',
] as const;

const FIRMS = [
  'Xəzər İnşaat', 'Şəfəq Ticarət', 'Odlar Yurdu Logistika', 'Qala Mebel', 'Günəş Tekstil', 'Bərəkət Qida', 'Çinar Market',
  'Novruz Servis', 'Əsrin Tikintisi', 'Körpü Texno', 'Nağıl Uşaq Bağçası', 'Zirvə Çap Evi', 'İşıq Aptek', 'Dəniz Restoran',
] as const;

/** Full name with the father's name, as bills print it: `Məmmədov Elşən İlqar oğlu`, `Əliyeva Aygün Rauf qızı`. */
export function personName(from: Chance, surname: string): string {
  const father = from.pick(MEN);
  return from.odds(0.56)
    ? `${surname} ${from.pick(MEN)} ${father} oğlu`
    : `${/v$/.test(surname) ? `${surname}a` : surname} ${from.pick(WOMEN)} ${father} qızı`;
}

export const surnameOf = (from: Chance): string => from.pick(SURNAMES);

/** A company as account holder: `"Çinar Market" MMC`. */
export const firmName = (from: Chance): string =>
  `"${from.pick(FIRMS)}${from.odds(0.4) ? ` ${from.int(40) + 1}` : ''}" ${from.odds(0.85) ? 'MMC' : 'ASC'}`;
