import { acsMemoryCard } from './acs.ts';
import type { ReaderProfile } from './profile.ts';

/** Which profile a reader has, by the name the system gives it. A new kind of reader is a row here. */

const ACS: ReaderProfile = { name: 'acs', memoryCard: acsMemoryCard };
/** The virtual cards answer pseudo-APDUs as a reader of ACS would. */
const VIRTUAL: ReaderProfile = { name: 'virtual', memoryCard: acsMemoryCard };
/** APDUs are passed on, and nothing else is known of it. */
const PLAIN: ReaderProfile = { name: 'plain', memoryCard: null };

const PROFILES: readonly (readonly [RegExp, ReaderProfile])[] = [
  [/\bACS\b|\bACR\s?\d/i, ACS],
  [/^(Virtual PCD|KOMIS virtual)\b/i, VIRTUAL],
];

export const profileOf = (readerName: string): ReaderProfile =>
  PROFILES.find(([pattern]) => pattern.test(readerName))?.[1] ?? PLAIN;
