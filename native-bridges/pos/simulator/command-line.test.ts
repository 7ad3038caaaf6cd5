import { describe, expect, test } from 'vitest';
import { startOf, typed } from './command-line.ts';

describe('the command line', () => {
  test('without anything: ZVT’s own port, on this machine, the customer played', () => {
    expect(startOf([])).toMatchObject({
      exitWithParent: false,
      options: { tcp: { host: '127.0.0.1', port: 20_007 }, control: { port: 0 }, mode: 'auto', speed: 1 },
    });
  });

  test('a serial line instead', () => {
    const start = startOf(['--serial', '/dev/ttyS0', '--baud', '115200', '--hand', '--password', '123456']);
    expect(start).toMatchObject({
      options: {
        serial: { path: '/dev/ttyS0', baudRate: 115_200 },
        mode: 'hand',
        terms: { password: '123456' },
      },
    });
    expect(start).not.toHaveProperty('options.tcp');
  });

  test.each([
    ['--tcp', '65536'],
    ['--tcp', 'x'],
    ['--password', '12345'],
    ['--terminal-id', 'A0000001'],
    ['--speed', '0'],
    ['--tcp', '1', '--serial', '/dev/ttyS0'],
    ['stray'],
  ])('refused in words: %s %s', (...args) => {
    expect(() => startOf(args)).toThrow();
  });
});

describe('the keyboard', () => {
  test('a customer’s acts', () => {
    const present = { act: 'present', card: 'visa', how: 'insert', hostCode: null, hostMs: null };
    const actOf = (line: string): unknown => {
      const said = typed(line);
      return said.kind === 'command' && said.command.do === 'act' ? said.command.act : said.kind;
    };
    expect(actOf('insert')).toEqual(present);
    expect(actOf('  TAP mastercard ')).toEqual({ ...present, card: 'mastercard', how: 'tap' });
    expect(actOf('decline')).toEqual({ ...present, hostCode: 51 });
    expect(actOf('decline 5')).toEqual({ ...present, hostCode: 5 });
    expect(actOf('slow 5')).toEqual({ ...present, hostMs: 5000 });
    expect(actOf('pin wrong')).toEqual({ act: 'pin', right: false });
    expect(actOf('cancel')).toEqual({ act: 'cancel' });
    expect(actOf('pull')).toEqual({ act: 'pull' });
    for (const line of ['insert gold', 'pin', 'slow', 'decline 0', 'decline x', 'hello'])
      expect(actOf(line)).toBe('unknown');
    expect(typed('')).toEqual({ kind: 'nothing' });
    expect(typed('hand')).toEqual({ kind: 'command', command: { do: 'mode', mode: 'hand' } });
  });
});
