import { useEffect, useRef } from 'react';

type Taker = (text: string) => void;
type Level = 'screen' | 'frame';
const takers: Record<Level, { current: Taker }[]> = { screen: [], frame: [] };

/** Hands a scan to the screen, else to the frame. Without either (set-up, log-in) it is dropped: it must land nowhere. */
export const takeScan = (text: string): void => (takers.screen[0] ?? takers.frame[0])?.current(text);

/** Takes scans while mounted. */
export function useScans(take: Taker, level: Level = 'screen'): void {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const own = takers[level];
    own.unshift(latest);
    return () => void own.splice(own.indexOf(latest), 1);
  }, [level]);
}
