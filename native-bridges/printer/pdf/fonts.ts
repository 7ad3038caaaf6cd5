import { createRequire } from 'node:module';

const resolve = createRequire(import.meta.url).resolve;

/** The faces on paper and where they lie. All have every letter of Azerbaijani, English and Russian, ₼ and №. */
export const FONT_FILES = {
  regular: resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf'),
  strong: resolve('@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf'),
  heavy: resolve('@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf'),
  figures: resolve('@expo-google-fonts/noto-sans-mono/500Medium/NotoSansMono_500Medium.ttf'),
} as const;
export type Face = keyof typeof FONT_FILES;
