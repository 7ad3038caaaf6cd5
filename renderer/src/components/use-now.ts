import { useEffect, useState } from 'react';

const EVERY_MS = 10_000;

/**
 * The PC's clock in Unix milliseconds, for «since» and the clock on the strip only. Renewed every ten seconds, on the ten
 * seconds: the clock turns with the minute, as the times beside it do.
 */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), EVERY_MS - (Date.now() % EVERY_MS));
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}
