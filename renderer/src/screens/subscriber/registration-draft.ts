import { useState } from 'react';
import { create } from 'zustand';
import type { AccountView, BoundAccount, Language } from '../../../../contracts/domain.ts';
import type { Id } from '../../../../contracts/ids.ts';
import { newId } from '../../format/new-id.ts';

/** A registration being typed. It survives a look at another screen, but not the next customer. */
export type RegistrationDraft = {
  /** Whose turn it was when it was begun. */
  readonly customer: string;
  /** Minted before the first try: pressing again after a lost answer registers the same person, not a second one. */
  readonly subscriberId: Id;
  readonly name: string;
  readonly address: string;
  readonly phone: string;
  readonly email: string;
  readonly language: Language;
  readonly accounts: readonly BoundAccount[];
};

const useDrafts = create<{ readonly draft: RegistrationDraft | null }>(() => ({ draft: null }));

/** Forgets what was typed: it has become a subscriber. */
export const forgetDraft = (): void => useDrafts.setState({ draft: null });

/** The draft of this customer, begun with the accounts on the counter's screen, and the way to change it. */
export function useRegistrationDraft(
  customer: string,
  offered: readonly AccountView[],
  language: Language,
): readonly [RegistrationDraft, (change: Partial<RegistrationDraft>) => void] {
  const [fresh] = useState((): RegistrationDraft => {
    const [first] = offered;
    return {
      customer,
      subscriberId: newId(),
      name: first?.holder ?? '',
      address: first?.address ?? '',
      phone: first?.phone ?? '',
      email: '',
      language,
      accounts: offered.map((view) => ({ billerId: view.billerId, account: view.account, label: '' })),
    };
  });
  const kept = useDrafts((state) => state.draft);
  const draft = kept?.customer === customer ? kept : fresh;
  // From the latest, not from what was rendered: an answer may come after more was typed.
  const change = (with_: Partial<RegistrationDraft>): void =>
    useDrafts.setState(({ draft: latest }) => ({
      draft: { ...(latest?.customer === customer ? latest : fresh), ...with_ },
    }));
  return [draft, change];
}
