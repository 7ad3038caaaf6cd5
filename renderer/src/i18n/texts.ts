import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../../../contracts/domain.ts';
import { az, type ScreenTexts } from './az.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';

export const TEXTS: Readonly<Record<Language, ScreenTexts>> = { az, en, ru };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'screens';
    resources: { screens: ScreenTexts };
  }
}

/** The screen texts, Azerbaijani until the core host says otherwise. All three are in the bundle. */
export function createTexts(): i18n {
  const texts = i18next.createInstance();
  void texts.use(initReactI18next).init({
    lng: 'az',
    fallbackLng: false,
    defaultNS: 'screens',
    resources: { az: { screens: az }, en: { screens: en }, ru: { screens: ru } },
    // React escapes; a name with an ampersand must come out as it is.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return texts;
}
