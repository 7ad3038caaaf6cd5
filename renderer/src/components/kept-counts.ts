import { create } from 'zustand';
import type { Counts } from './piece-grid.tsx';

const useCounting = create<{ readonly of: string; readonly counts: Counts }>(() => ({ of: '', counts: {} }));
const NONE: Counts = {};

/**
 * A count in progress, kept while another screen is looked at. `of` says what is counted; counting something else
 * starts from nothing.
 */
export function useKeptCounts(of: string): readonly [Counts, (counts: Counts) => void] {
  const kept = useCounting();
  return [kept.of === of ? kept.counts : NONE, (counts) => useCounting.setState({ of, counts })];
}
