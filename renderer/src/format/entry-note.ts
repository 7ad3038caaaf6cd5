import type { Language } from '../../../contracts/domain.ts';
import type { JournalRow } from '../../../contracts/ipw.ts';
import { asFailure, failureText } from './failure-text.ts';

/** Why the centre keeps an entry for people, besides the codes of contracts/errors.ts. */
export const ENTRY_NOTES = [
  'entryUnreadable',
  'notPostable',
  'codeNotLeased',
  'codeTaken',
  'stornoDiffers',
] as const;
export type EntryNote = (typeof ENTRY_NOTES)[number];

/** What stands in the «why» of a journal row: one of our sentences, a failure's text, or the note as it came. */
export type NoteWords =
  | { readonly kind: 'known'; readonly note: EntryNote | 'unallocated' | 'offline' | 'next' | 'answer' }
  | { readonly kind: 'text'; readonly text: string };

/** The reason of a row's state. `online`: whether the centre answers now. Null where the state says it all. */
export function entryNote(row: JournalRow, online: boolean, language: Language): NoteWords | null {
  const { note, sync, outcome } = row;
  if (note !== null) {
    const known = ENTRY_NOTES.find((one) => one === note);
    if (known) return { kind: 'known', note: known };
    const failure = asFailure({ code: note });
    return { kind: 'text', text: failure.code === note ? failureText(failure, language).text : note };
  }
  // Sent and not answered when the line broke: it is sent again, as one never sent is.
  if (sync !== 'acknowledged' && !online) return { kind: 'known', note: 'offline' };
  if (sync === 'recorded') return { kind: 'known', note: 'next' };
  if (sync === 'sent') return { kind: 'known', note: 'answer' };
  return outcome === 'unallocated' ? { kind: 'known', note: 'unallocated' } : null;
}
