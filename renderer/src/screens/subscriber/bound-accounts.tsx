import { useTranslation } from 'react-i18next';
import type { BoundAccount } from '../../../../contracts/domain.ts';
import { Button } from '../../components/button.tsx';
import { useHostState } from '../../host/host-context.ts';

type BoundAccountsProps = {
  readonly accounts: readonly BoundAccount[];
  /** What the button beside an account does, for screen readers and on the button. */
  readonly removeText: (company: string, account: string) => string;
  readonly removeWord: string;
  readonly onRemove: (account: BoundAccount) => void;
};

/** The accounts on one code. */
export function BoundAccounts({ accounts, removeText, removeWord, onRemove }: BoundAccountsProps) {
  const { t } = useTranslation();
  const billers = useHostState((state) => state.billers);
  if (accounts.length === 0) return <p className="quiet bound-none">{t('subscriber.accountsNone')}</p>;
  return (
    <ul className="bound" data-testid="bound-accounts">
      {accounts.map((bound) => {
        const company = billers.get(bound.billerId)?.name ?? '';
        return (
          <li
            key={`${bound.billerId}/${bound.account}`}
            className="bound-account"
            data-testid="bound-account"
          >
            <span className="bound-company">
              <strong>{company}</strong>
              {bound.label === '' ? null : <small className="quiet">{bound.label}</small>}
            </span>
            <span className="tabular">{bound.account}</span>
            <Button
              small
              label={removeText(company, bound.account)}
              onPress={() => onRemove(bound)}
              testId="unbind"
            >
              {removeWord}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
