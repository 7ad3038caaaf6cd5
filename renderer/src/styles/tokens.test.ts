import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The tokens of one theme, name → `#rrggbb`; the dark theme starts from the light one. */
function themes(): { light: Map<string, string>; dark: Map<string, string> } {
  const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
  const [light = '', dark = ''] = css.split(":root[data-theme='dark']");
  const colours = (part: string) =>
    [...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? ''] as const);
  return { light: new Map(colours(light)), dark: new Map([...colours(light), ...colours(dark)]) };
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT_ON: readonly (readonly [text: string, ground: string])[] = [
  ['ink', 'paper'],
  ['ink', 'ground'],
  ['ink', 'row-chosen'],
  ['ink-quiet', 'paper'],
  ['ink-quiet', 'ground'],
  ['ink-quiet', 'row-chosen'],
  ['ink-quiet', 'brand-soft'],
  ['ink-faint', 'paper'],
  ['brand-strong', 'brand-soft'],
  ['on-brand', 'brand'],
  ['on-brand-quiet', 'brand'],
  ['on-strip', 'strip-chip'],
  ['ok', 'ok-soft'],
  ['ok', 'paper'],
  ['warning', 'warning-soft'],
  ['warning', 'paper'],
  ['bad', 'bad-soft'],
  ['bad', 'paper'],
  ['slip-ink', 'slip'],
];

test('texts reach AA on their grounds in both themes', () => {
  for (const [name, colours] of Object.entries(themes())) {
    for (const [text, ground] of TEXT_ON) {
      const ratio = contrast(colours.get(text) ?? '#000000', colours.get(ground) ?? '#000000');
      expect(ratio, `${name}: ${text} on ${ground} is ${ratio.toFixed(2)}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('fields, boxes and the focus ring are seen against their grounds in both themes', () => {
  for (const [name, colours] of Object.entries(themes())) {
    for (const [line, ground] of [
      ['focus', 'paper'],
      ['focus', 'ground'],
      ['brand', 'paper'],
      ['ink-quiet', 'paper'],
    ] as const) {
      const ratio = contrast(colours.get(line) ?? '#000000', colours.get(ground) ?? '#000000');
      expect(ratio, `${name}: ${line} on ${ground} is ${ratio.toFixed(2)}`).toBeGreaterThanOrEqual(3);
    }
  }
});
