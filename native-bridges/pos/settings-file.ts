import { posSettingsSchema, type PosSettings } from '../../contracts/pos.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

/** The terminal of this counter, as a small JSON file. The password in it opens the terminal's till functions only. */

/** None where there is no file yet. Throws what the file system or the parser says otherwise. */
export function readPosSettings(path: string): PosSettings {
  const text = readFileIfThere(path);
  return text === undefined ? { kind: 'none' } : posSettingsSchema.parse(JSON.parse(text));
}

/** On the disk when it returns; throws what the file system threw, and the old ones stand. */
export const writePosSettings = (path: string, settings: PosSettings): void =>
  writeFileDurably(path, `${JSON.stringify(settings, null, 2)}\n`);
