import { useEffect, useRef } from 'react';

type Taker = (text: string) => void;
const takers: { current: Taker }[] = [];

/** Hands a scan to the screen on top. Without one (set-up, log-in) it is dropped: it must land nowhere. */
export const takeScan = (text: string): void => takers[0]?.current(text);

/** Takes scans while mounted, before those who took them earlier. */
export function useScans(take: Taker): void {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    takers.unshift(latest);
    return () => void takers.splice(takers.indexOf(latest), 1);
  }, []);
}
