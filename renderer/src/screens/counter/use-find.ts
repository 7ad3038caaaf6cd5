import { useCallback, useEffect, useRef, useState } from 'react';
import type { Biller } from '../../../../contracts/domain.ts';
import type { FindHit } from '../../../../contracts/ipw.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { accountOf, unlistedAt } from './typed-code.ts';

/** Typing is searched after this pause; the search itself is local and takes a few milliseconds. */
const PAUSE_MS = 70;
const HITS_MAX = 8;

/** A row of the hits: an account or subscriber found, or a company whose accounts look like the number typed. */
export type FindOption =
  | { readonly kind: 'hit'; readonly key: string; readonly hit: FindHit }
  | { readonly kind: 'unlisted'; readonly key: string; readonly biller: Biller; readonly account: string };

type Found = { readonly text: string; readonly hits: readonly FindHit[]; readonly more: boolean };
const NOTHING: Found = { text: '', hits: [], more: false };

/** The text of the find field, its hits and which of them is marked. */
export function useFind() {
  const { client } = useHost();
  const billers = useHostState((state) => state.billers);
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found>(NOTHING);
  const [active, setActive] = useState(0);
  const asked = useRef(0);

  const search = useCallback(
    async (wanted: string): Promise<Found> => {
      const turn = (asked.current += 1);
      const answer = await client['find.search']({ text: wanted, limit: HITS_MAX });
      const result: Found = answer.ok
        ? { text: wanted, ...answer.value }
        : { text: wanted, hits: [], more: false };
      // An answer that a later key has overtaken is not shown.
      if (turn === asked.current) {
        setFound(result);
        setActive(0);
      }
      return result;
    },
    [client],
  );

  const wanted = text.trim();
  useEffect(() => {
    if (wanted === '') return;
    const timer = setTimeout(() => void search(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted, search]);

  const optionsOf = (of: Found): readonly FindOption[] => [
    ...of.hits.map((hit): FindOption => ({
      kind: 'hit',
      key: `${hit.kind}-${hit.billerId}-${hit.account}-${hit.code}`,
      hit,
    })),
    ...unlistedAt(of.text, billers.values(), of.hits).map((biller): FindOption => ({
      kind: 'unlisted',
      key: `unlisted-${biller.id}`,
      biller,
      account: accountOf(of.text),
    })),
  ];
  const fresh = wanted !== '' && found.text === wanted;
  const options = fresh
    ? optionsOf(found)
    : wanted === ''
      ? []
      : optionsOf(found).filter(() => found.text !== '');

  return {
    text,
    options,
    active: Math.min(active, Math.max(options.length - 1, 0)),
    more: found.more,
    /** Are the hits those of the text as it stands. */
    fresh,
    /** Is the list on screen. */
    open: wanted !== '' && found.text !== '',
    type: setText,
    move: (step: 1 | -1): void => setActive((active + step + options.length) % Math.max(options.length, 1)),
    clear: (): void => {
      asked.current += 1;
      setText('');
      setFound(NOTHING);
      setActive(0);
    },
    /** Enter was faster than the search: searches at once and chooses what was marked, if it is still there, or the only hit. */
    searchNow: (choose: (option: FindOption) => void): void => {
      const marked = options[active]?.key;
      void search(wanted).then((result) => {
        const found = optionsOf(result);
        const chosen =
          found.find((option) => option.key === marked) ?? (found.length === 1 ? found[0] : undefined);
        if (chosen) choose(chosen);
      });
    },
  };
}
