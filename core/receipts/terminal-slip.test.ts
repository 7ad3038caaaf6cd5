import { expect, test } from 'vitest';
import { LANGUAGES } from '../../contracts/domain.ts';
import { terminalSlipCopy, type TerminalSlipInput } from './terminal-slip.ts';
import { sampleWorkstation } from './testing/samples.ts';

const LAST: TerminalSlipInput = {
  workstation: sampleWorkstation,
  language: 'az',
  slip: 'customer',
  lines: ['   VISA', 'Terminal   52001234'],
  reprint: { at: '2026-11-24T05:12:00.000Z', by: 'Leyla Quliyeva' },
  copy: null,
  of: null,
};
const textsOf = (input: TerminalSlipInput): string[] =>
  terminalSlipCopy(input).blocks.flatMap((block) => ('text' in block ? [block.text] : []));

test('the terminal’s columns stay where it set them', () => {
  const texts = textsOf(LAST).map((text) => text.replaceAll('\u00a0', '~'));
  expect(texts.slice(-2)).toEqual(['~~~VISA', 'Terminal~~~52001234']);
});

test.each(LANGUAGES)('in %s it is a copy in any case, and says whose', (language) => {
  const stamps = (copy: number | null): string[] =>
    terminalSlipCopy({ ...LAST, language, copy }).blocks.flatMap((block) =>
      block.kind === 'stamp' ? [block.text] : [],
    );
  expect(stamps(null)).toHaveLength(1);
  expect(stamps(3)).toEqual([expect.stringContaining('3')]);
  expect(textsOf({ ...LAST, language })).not.toEqual(textsOf({ ...LAST, language, slip: 'merchant' }));
});
