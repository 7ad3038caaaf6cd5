import { useEffect } from 'react';
import { useWindow } from '../host/window-store.ts';

/** Says the keys of this screen at the right of the key bar while mounted. */
export function useHint(hint: string): void {
  useEffect(() => {
    useWindow.setState({ hint });
    return () => useWindow.setState({ hint: null });
  }, [hint]);
}
