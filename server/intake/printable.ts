/** A text that any JSON column can hold: no NUL, no halves of letters. What people read of it stays the same. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();
