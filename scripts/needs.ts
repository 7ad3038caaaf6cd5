import { findProgram, missingReason } from './system-programs.mjs';

/**
 * For a test that cannot run without a program of the system: answers its path, or skips the test with the reason,
 * which `npm test` prints at its end.
 *
 *     test('the receipt is legible', (context) => {
 *       const pdftoppm = needs(context, 'pdftoppm');
 *
 * @param context what vitest hands to a test or a `beforeEach`
 * @param name a `name` of scripts/system-packages.json
 */
export function needs(context: { skip: (note: string) => never }, name: string): string {
  return findProgram(name) ?? context.skip(missingReason(name));
}
