import { z } from 'zod';
import type { PrinterSettings } from '../../core/ports/printer.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

/**
 * Where this workstation prints, as a small JSON file. `printer` is what the screen sets; the rest is set once by whoever
 * installs the printer, by hand.
 */
const settingsSchema = z.object({
  printer: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      z.object({ kind: z.literal('file'), path: z.string().min(1).max(400) }),
      z.object({
        kind: z.literal('tcp'),
        host: z.string().min(1).max(200),
        port: z.int().min(1).max(65_535),
      }),
    ])
    .default({ kind: 'none' }),
  paperMm: z.union([z.literal(80), z.literal(58)]).default(80),
  /** Numbers of PC857 and PC866 in this printer's ESC t, where they are not Epson's. */
  codePages: z
    .object({ pc857: z.int().min(0).max(255), pc866: z.int().min(0).max(255) })
    .default({ pc857: 13, pc866: 17 }),
  /** The printer starts in a Chinese mode, as some do. */
  chinese: z.boolean().default(false),
});
export type PrinterFile = Omit<z.infer<typeof settingsSchema>, 'printer'> & {
  readonly printer: PrinterSettings;
};

export const DEFAULT_SETTINGS: PrinterFile = settingsSchema.parse({});

/** The settings, the defaults where there is no file yet. Throws what the file system or the parser says otherwise. */
export function readSettings(path: string): PrinterFile {
  const text = readFileIfThere(path);
  return text === undefined ? DEFAULT_SETTINGS : settingsSchema.parse(JSON.parse(text));
}

export const writeSettings = (path: string, settings: PrinterFile): void =>
  writeFileDurably(path, `${JSON.stringify(settings, null, 2)}\n`);
