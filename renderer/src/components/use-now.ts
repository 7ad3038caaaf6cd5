import { useEffect, useState } from 'react';

/** The PC's clock in Unix milliseconds, renewed every ten seconds: for «since» and the clock on the strip only. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
