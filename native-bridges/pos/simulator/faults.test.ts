import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CARD_KEYS, cardOf, isLuhnValid, maskPan } from './cards.ts';
import { arrivalsFor, deedsFor, faultSchema, meet, newBench, withFault, type Deed } from './faults.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const written = (deeds: readonly Deed[]): Uint8Array =>
  Uint8Array.from(deeds.flatMap((deed) => (deed.kind === 'write' ? [...deed.bytes] : [])));
const fault = (what: object, at: object | string = 'before') =>
  faultSchema.parse({ direction: 'fromTerminal', message: '*', at, what });

describe('faults', () => {
  test('the n-th message of a name in a direction, so many times', () => {
    let bench = withFault(newBench(1), {
      direction: 'fromTerminal',
      message: 'completion',
      nth: 2,
      times: 2,
      what: { kind: 'drop' },
    });
    const struck = (['completion', 'positive', 'completion', 'completion', 'completion'] as const).map(
      (name) => {
        const met = meet(bench, 'fromTerminal', name);
        bench = met.bench;
        return met.fault !== null;
      },
    );
    expect(struck).toEqual([false, false, true, true, false]);
    expect(bench.faults).toHaveLength(0);
    expect(
      meet(
        withFault(newBench(1), { direction: 'toTerminal', message: '*', what: { kind: 'drop' } }),
        'fromTerminal',
        'ack',
      ).fault,
    ).toBeNull();
  });

  test('none leaves a message whole', () => {
    fc.assert(
      fc.property(bytes, (wire) => {
        expect(written(deedsFor(null, wire, 1).deeds)).toEqual(wire);
      }),
    );
  });

  test('cut, drop, delay and power at a byte: exactly so many have left before', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(320),
        fc.constantFrom('cut', 'drop', 'powerCycle', 'delay'),
        (wire, byte, kind) => {
          const { deeds } = deedsFor(fault({ kind, ms: 5 }, { byte }), wire, 1);
          const end = deeds.findIndex((deed) => deed.kind !== 'write');
          expect(written(end === -1 ? deeds : deeds.slice(0, end))).toEqual(wire.slice(0, byte));
          expect(written(deeds)).toEqual(kind === 'delay' ? wire : wire.slice(0, byte));
        },
      ),
    );
  });

  test('a corrupted message differs in exactly one byte, the same one for the same seed', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0 }),
        fc.option(fc.nat(299), { nil: undefined }),
        (wire, seed, byte) => {
          const at = byte === undefined ? 'before' : { byte };
          const first = deedsFor(fault({ kind: 'corrupt' }, at), wire, seed);
          const wrong = written(first.deeds);
          const places = [...wire.keys()].filter((place) => wire[place] !== wrong[place]);
          expect(places).toHaveLength(1);
          if (byte !== undefined) expect(places[0]).toBe(Math.min(byte, wire.length - 1));
          expect(deedsFor(fault({ kind: 'corrupt' }, at), wire, seed)).toEqual(first);
        },
      ),
    );
  });

  test('what comes: before it is lost, after it has been handled', () => {
    const apdu = Uint8Array.of(0x80, 0, 0);
    const kinds = (at: string | object, what: object): string[] =>
      arrivalsFor(fault(what, at), apdu, 1).arrivals.map(({ kind }) => kind);
    expect(kinds('before', { kind: 'cut' })).toEqual(['cut']);
    expect(kinds('after', { kind: 'cut' })).toEqual(['handle', 'cut']);
    expect(kinds('after', { kind: 'powerCycle' })).toEqual(['handle', 'power']);
    expect(kinds('before', { kind: 'drop' })).toEqual([]);
    expect(kinds({ byte: 2 }, { kind: 'drop' })).toEqual(['partly']);
    expect(kinds('before', { kind: 'delay', ms: 1 })).toEqual(['wait', 'handle']);
    expect(kinds('before', { kind: 'duplicate' })).toEqual(['handle', 'handle']);
    expect(kinds('before', { kind: 'nak' })).toEqual(['refuse']);
  });
});

describe('cards', () => {
  test('invented numbers pass the Luhn check; masked they show ten digits at the most', () => {
    for (const key of CARD_KEYS) {
      const { pan } = cardOf(key);
      expect(isLuhnValid(pan)).toBe(true);
      expect(isLuhnValid(`${pan.slice(0, -1)}${(Number(pan.at(-1)) + 1) % 10}`)).toBe(false);
      expect(maskPan(pan)).toMatch(/^\d{6}\*+\d{4}$/);
      expect(maskPan(pan)).toHaveLength(pan.length);
    }
  });
});
