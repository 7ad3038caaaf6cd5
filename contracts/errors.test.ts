import { expect, test } from 'vitest';
import { centreContract, CENTRE_ACCESS } from './centre.ts';
import { LANGUAGES } from './domain.ts';
import { AMOUNT_DETAILS, ERRORS } from './errors.ts';
import { ipwContract } from './ipw.ts';
import type { MethodDefinition } from './rpc/definition.ts';
import { BOUNDARY_CODES } from './rpc/definition.ts';

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();

test.each(Object.entries(ERRORS))(
  '%s says in every language what is wrong, with the same figures, and what to do',
  (_code, error) => {
    for (const language of LANGUAGES) {
      expect(error.text[language].length).toBeGreaterThan(5);
      expect(error.action[language].length).toBeGreaterThan(3);
      expect(placeholders(error.text[language])).toEqual(placeholders(error.text.az));
      expect(placeholders(error.action[language])).toEqual(placeholders(error.action.az));
    }
  },
);

test('amounts in texts are figures that some text names', () => {
  const named = new Set(
    Object.values(ERRORS).flatMap((e) => [...placeholders(e.text.az), ...placeholders(e.action.az)]),
  );
  for (const detail of AMOUNT_DETAILS) expect(named).toContain(detail);
});

const methods: [string, MethodDefinition][] = [
  ...Object.entries(ipwContract),
  ...Object.entries(centreContract),
];

test.each(methods)(
  '%s lists only known failures, each once, and none that are the boundary’s',
  (_method, definition) => {
    const codes: readonly string[] = definition.kind === 'topic' ? [] : definition.errors;
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(Object.hasOwn(ERRORS, code)).toBe(true);
    for (const code of BOUNDARY_CODES) expect(codes).not.toContain(code);
  },
);

test('every method of the centre says who may call it', () => {
  expect(Object.keys(CENTRE_ACCESS).sort()).toEqual(Object.keys(centreContract).sort());
});
