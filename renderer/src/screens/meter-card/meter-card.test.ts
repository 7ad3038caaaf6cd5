import { expect, test } from 'vitest';
import type { LoadAtTill, MeterCardState } from '../../../../contracts/ipw.ts';
import { fakeMeterCard } from '../../testing/fake-meter-cards.ts';
import { OPEN_LOADS, SAMPLE_LOADS } from '../../testing/sample-meter-cards.ts';
import { isVirtual, readerState } from '../../components/reader-state.ts';
import { cardCase, isBefore } from './card-case.ts';
import { loadPhase, loadSteps } from './load-steps.ts';

const at = (query: string): MeterCardState => fakeMeterCard(new URLSearchParams(query));
const sample = (name: string): LoadAtTill => {
  const load = SAMPLE_LOADS[name];
  if (!load) throw new Error(`no sample ${name}`);
  return load;
};

test('nothing counts as written before the card or the centre has said so', () => {
  expect(loadSteps(sample('payment'))).toEqual(['done', 'now', 'later', 'later']);
  expect(loadSteps(sample('centre'))).toEqual(['done', 'now', 'later', 'later']);
  expect(loadSteps(sample('writing'))).toEqual(['done', 'done', 'now', 'later']);
  expect(loadSteps(sample('torn'))).toEqual(['done', 'done', 'doubt', 'later']);
  expect(loadSteps({ ...sample('torn'), stage: 'working', doing: 'reading' })[2]).toBe('doubt');
  expect(loadSteps(sample('owed'))).toEqual(['done', 'later', 'later', 'later']);
  expect(loadSteps(sample('cancelled'))).toEqual(['done', 'later', 'later', 'later']);
  expect(loadSteps(sample('written'))).toEqual(['done', 'done', 'done', 'now']);
  expect(loadSteps(sample('confirmed'))).toEqual(['done', 'done', 'done', 'done']);
});

test('a load that waits for its turn is not told as one that failed', () => {
  const waiting = { ...sample('owed'), reason: null };
  expect(loadPhase(waiting, true)).toBe('working');
  expect(loadPhase(waiting, false)).toBe('owed');
  expect(loadPhase(sample('owed'), true)).toBe('owed');
  expect(loadPhase(sample('torn'), true)).toBe('torn');
  expect(loadPhase(sample('reading'), false)).toBe('reading');
  expect(loadPhase(sample('written'), true)).toBe('done');
});

test('each card is its own case', () => {
  const kinds = (names: readonly string[]) => names.map((name) => cardCase(at(`meter=${name}`)).kind);
  expect(kinds(['ready', 'reading', 'foreign', 'here', 'unknown', 'blocked', 'noLoads', 'found'])).toEqual([
    'ready',
    'reading',
    'failed',
    'here',
    'refused',
    'blocked',
    'noLoads',
    'found',
  ]);
  const why = (name: string) => cardCase(at(`meter=${name}`));
  expect(why('noService')).toEqual({ kind: 'nobody', why: 'noService' });
  expect(why('noReader')).toEqual({ kind: 'nobody', why: 'noReader' });
  expect(why('readerMute')).toEqual({ kind: 'nobody', why: 'mute' });
  expect(why('readerTaken')).toEqual({ kind: 'nobody', why: 'taken' });
  expect(why('')).toEqual({ kind: 'nobody', why: 'putIn' });
});

test('what is owed to the card comes before anything new, also what only this till knows of', () => {
  const own = OPEN_LOADS[0];
  const ready = at('meter=ready');
  if (!own) throw new Error('no sample');
  expect(cardCase({ ...ready, open: [own] })).toMatchObject({
    kind: 'found',
    found: { loadId: own.loadId, paid: null, unsure: false, stornoed: false },
  });
  expect(cardCase({ ...ready, open: [{ ...own, stage: 'unknown' }] })).toMatchObject({
    kind: 'found',
    found: { unsure: true },
  });
  expect(cardCase({ ...ready, open: [{ ...own, stage: 'unknown', doing: 'reading' }] }).kind).toBe('healing');
  // On the card already, or another card's: it stands in nobody's way.
  expect(cardCase({ ...ready, open: [{ ...own, stage: 'written' }] }).kind).toBe('ready');
  expect(cardCase({ ...ready, open: [{ ...own, cardId: '0000000000000000' }] }).kind).toBe('ready');
  expect(cardCase(at('meter=stornoed'))).toMatchObject({ kind: 'found', found: { stornoed: true } });
});

test('the strip tells the reader’s most telling state, and whether it is a virtual one', () => {
  expect(readerState(at('meter=noService'))).toBe('noService');
  expect(readerState(at('meter=noReader'))).toBe('noReader');
  expect(readerState(at('meter=readerTaken'))).toBe('taken');
  expect(readerState(at('meter=readerMute'))).toBe('mute');
  expect(readerState(at(''))).toBe('empty');
  expect(readerState(at('meter=reading'))).toBe('reading');
  expect(readerState(at('meter=foreign'))).toBe('failed');
  expect(readerState(at('meter=ready'))).toBe('company');
  expect([isVirtual(at('')), isVirtual(at('meter=ready')), isVirtual(at('meter=real'))]).toEqual([
    true,
    true,
    false,
  ]);
});

test('what was read before the load is not true after it', () => {
  const { card } = at('meter=ready');
  if (!card) throw new Error('no sample');
  expect(isBefore(card, null)).toBe(false);
  expect(isBefore(card, sample('writing'))).toBe(false);
  expect(isBefore(card, sample('written'))).toBe(true);
  expect(isBefore(card, { ...sample('written'), cardId: '0000000000000000' })).toBe(false);
  const loadId = card.centre?.card.last?.loadId ?? '';
  expect(isBefore(card, { ...sample('confirmed'), loadId })).toBe(false);
});
