import { z } from 'zod';
import { languageSchema, type Language } from '../../contracts/domain.ts';
import type { SettingsPort } from '../../core/ports/machine.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

export type SettingsOptions = {
  readonly path: string;
  /** Told when the file is there but cannot be read; the settings then start from their defaults. */
  readonly onUnreadable: (reason: string) => void;
};

const fileSchema = z.object({ version: z.literal(1), language: languageSchema });

/** Small settings in one file. They are conveniences: an unreadable file is reported and replaced, never fatal. */
export function createSettings({ path, onUnreadable }: SettingsOptions): SettingsPort {
  let language: Language = 'az';
  const text = readFileIfThere(path);
  if (text !== undefined) {
    const kept = parse(text);
    if (kept.success) language = kept.data.language;
    else onUnreadable(`${path}: ${kept.error.message}`);
  }
  return {
    language: () => language,
    setLanguage(chosen) {
      writeFileDurably(path, `${JSON.stringify({ version: 1, language: chosen })}\n`);
      language = chosen;
    },
  };
}

function parse(text: string): z.ZodSafeParseResult<z.infer<typeof fileSchema>> {
  try {
    return fileSchema.safeParse(JSON.parse(text));
  } catch {
    return fileSchema.safeParse(undefined); // not JSON: the same answer as JSON of another shape
  }
}
