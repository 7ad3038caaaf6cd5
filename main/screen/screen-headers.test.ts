import { expect, test } from 'vitest';
import { contentSecurityPolicy, screenHeaders } from './screen-headers.ts';

test('the page runs its own scripts and styles only, and connects to itself and the lines named', () => {
  const policy = new Map(
    contentSecurityPolicy(['ws://127.0.0.1:4100'])
      .split('; ')
      .map((directive): [string, string] => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
  );
  expect(policy.get('default-src')).toBe("'none'");
  expect(policy.get('script-src')).toBe("'self'");
  expect(policy.get('style-src')).toBe("'self'");
  expect(policy.get('connect-src')).toBe("'self' ws://127.0.0.1:4100");
  for (const directive of ['frame-ancestors', 'base-uri', 'form-action'])
    expect(policy.get(directive)).toBe("'none'");
  expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*/);
});

test('no answer opens the page to another origin', () => {
  const headers = screenHeaders([]);
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  expect(headers['x-content-type-options']).toBe('nosniff');
});
