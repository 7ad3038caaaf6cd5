import type { Chance } from './random.ts';

/** A district of Bakı: streets that lie there, and its two digits in account numbers. */
export type District = {
  readonly name: string;
  readonly weight: number;
  readonly code: string;
  readonly streets: readonly [string, ...string[]];
};

export const DISTRICTS: readonly [District, ...District[]] = [
  {
    name: 'Nərimanov',
    weight: 18,
    code: '11',
    streets: [
      'Təbriz küç.',
      'Əhməd Rəcəbli küç.',
      'Ağa Nemətulla küç.',
      'Fətəli xan Xoyski pr.',
      'Həsən Əliyev küç.',
      'Əliyar Əliyev küç.',
      'Montin küç.',
      'Akademik Həsən Əliyev küç.',
    ],
  },
  {
    name: 'Nəsimi',
    weight: 14,
    code: '12',
    streets: [
      '28 May küç.',
      'Səməd Vurğun küç.',
      'Cəfər Cabbarlı küç.',
      'Mirəli Qaşqay küç.',
      'Azadlıq pr.',
      'Dilarə Əliyeva küç.',
      'Moskva pr.',
    ],
  },
  {
    name: 'Yasamal',
    weight: 14,
    code: '13',
    streets: [
      'Şərifzadə küç.',
      'Mətbuat pr.',
      'İnşaatçılar pr.',
      'Hüseyn Cavid pr.',
      'Əlövsət Quliyev küç.',
      'Nəriman Nərimanov pr.',
      'Zahid Xəlilov küç.',
    ],
  },
  {
    name: 'Xətai',
    weight: 13,
    code: '14',
    streets: [
      'Xocalı pr.',
      'Babək pr.',
      'Sarayevo küç.',
      'Gəncə pr.',
      'Məhəmməd Hadi küç.',
      'Nobel pr.',
      'Əhməd Mehbalıyev küç.',
    ],
  },
  {
    name: 'Binəqədi',
    weight: 12,
    code: '15',
    streets: [
      'Azadlıq pr.',
      'Mir Cəlal küç.',
      'Süleyman Sani Axundov küç.',
      'Ələsgər Qayıbov küç.',
      '28 May qəsəbəsi, Neftçi küç.',
      'Biləcəri qəs., Dəmiryolçu küç.',
    ],
  },
  {
    name: 'Sabunçu',
    weight: 9,
    code: '16',
    streets: [
      'Bakıxanov qəs., Sülh küç.',
      'Zabrat qəs., Mərkəz küç.',
      'Ramana qəs., Vidadi küç.',
      'Maştağa qəs., Nizami küç.',
      'Kürdəxanı qəs., Bağlar küç.',
    ],
  },
  {
    name: 'Suraxanı',
    weight: 8,
    code: '17',
    streets: [
      'Qaraçuxur qəs., İbrahim Dadaşov küç.',
      'Yeni Suraxanı qəs., Şəhriyar küç.',
      'Hövsan qəs., Sahil küç.',
      'Əmircan qəs., Sabir küç.',
    ],
  },
  {
    name: 'Nizami',
    weight: 7,
    code: '18',
    streets: ['Qara Qarayev pr.', 'Rüstəm Rüstəmov küç.', 'Naxçıvanski küç.', 'Elşən Süleymanov küç.'],
  },
  {
    name: 'Səbail',
    weight: 5,
    code: '19',
    streets: [
      'İstiqlaliyyət küç.',
      'Nizami küç.',
      'Üzeyir Hacıbəyov küç.',
      'İçərişəhər, Kiçik Qala küç.',
      'Badamdar qəs., Şirvanlı küç.',
    ],
  },
];

export type Place = {
  readonly district: District;
  readonly street: string;
  readonly building: string;
  readonly flat: number;
};

/** Somewhere in Bakı. */
export function placeOf(from: Chance): Place {
  const district = from.weighted(DISTRICTS);
  return {
    district,
    street: from.pick(district.streets),
    building: `${from.int(180) + 1}${from.odds(0.18) ? from.pick(['A', 'B', 'V', 'Q', '/7', '/2']) : ''}`,
    flat: from.odds(0.85) ? from.int(140) + 1 : 0,
  };
}

/** `Bakı, Nərimanov r., Təbriz küç. 41, m. 18`; a house of its own has no flat. */
export const addressOf = (place: Place, flat = place.flat): string =>
  `Bakı, ${place.district.name} r., ${place.street} ${place.building}${flat > 0 ? `, m. ${flat}` : ''}`;

/** A mobile number of one of the country's networks. */
export const mobileOf = (from: Chance): string =>
  `+994${from.pick(['50', '51', '55', '70', '77', '99', '10'])}${String(from.int(9_000_000) + 1_000_000)}`;
