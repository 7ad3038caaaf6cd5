import { useCallback, useRef, useState } from 'react';
import type { Failure, Result } from '../../../contracts/result.ts';
import { focusHome } from '../keyboard/focus-home.ts';
import { hush, tell } from './window-store.ts';

type Action = {
  /** True from the press until the answer; the button that began it says what is being done. */
  readonly busy: boolean;
  /**
   * Asks the core host. One at a time: a second press while the first is under way does nothing. A failure is told;
   * `done` runs on success. Afterwards the focus goes home.
   */
  run<T>(ask: () => Promise<Result<T>>, done?: (value: T) => void, failed?: (failure: Failure) => void): void;
};

/** One button's or field's work with the core host. `stay`: the focus stays where it is (rows of a table). */
export function useAction({ stay = false }: { readonly stay?: boolean } = {}): Action {
  const [busy, setBusy] = useState(false);
  const under = useRef(false);
  const run = useCallback<Action['run']>(
    (ask, done, failed) => {
      if (under.current) return;
      under.current = true;
      setBusy(true);
      void ask()
        .then((answer) => {
          if (answer.ok) {
            hush();
            done?.(answer.value);
          } else {
            tell(answer.error);
            failed?.(answer.error);
          }
        })
        .finally(() => {
          under.current = false;
          setBusy(false);
          if (!stay) focusHome();
        });
    },
    [stay],
  );
  return { busy, run };
}
