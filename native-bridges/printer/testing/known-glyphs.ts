/**
 * The user-defined glyphs as a person saw and approved them, drawn without the empty rows above and below. A glyph that
 * changes must be looked at again, then copied here.
 */
export const KNOWN_GLYPHS: Readonly<Record<string, string>> = {
  ə: `
   ######
  ########
 ##      ##
         ##
         ##
 ##########
 ##########
 ##      ##
 ##      ##
 ###    ###
  ########
    ####`,
  Ə: `
   ######
  ########
 ###    ###
 ##      ##
         ##
         ##
         ##
 ##########
 ##########
 ##      ##
 ##      ##
 ##      ##
 ##      ##
 ##      ##
 ###    ###
  ########
    ####`,
  '₼': `
     ##
     ##
     ##
   ######
  ########
 ### ## ###
 ##  ##  ##
##   ##   ##
##   ##   ##
##   ##   ##
##   ##   ##
##   ##   ##
##   ##   ##
##   ##   ##
##   ##   ##
##        ##
##        ##`,
};

const trimmed = (rows: readonly string[]): string =>
  rows
    .map((row) => row.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');

/** The letter a picture shows; throws when nobody has approved the picture. */
export function nameGlyph(picture: readonly string[]): string {
  const shown = trimmed(picture);
  const found = Object.entries(KNOWN_GLYPHS).find(([, drawing]) => trimmed(drawing.split('\n')) === shown);
  if (!found) throw new Error(`a glyph nobody has looked at:\n${shown}`);
  return found[0];
}
