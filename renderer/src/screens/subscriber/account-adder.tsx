import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import {
  Button as AriaButton,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';
import type { BoundAccount, Biller } from '../../../../contracts/domain.ts';
import type { FindHit } from '../../../../contracts/ipw.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { useHost, useHostState } from '../../host/host-context.ts';
import { accountOf, fitsMask } from '../counter/typed-code.ts';

type AccountAdderProps = {
  readonly action: string;
  readonly busy: boolean;
  /** Takes the account; the hit is what the replica knows about it, null when it is not on a list. */
  readonly onAdd: (account: BoundAccount, hit: FindHit | null) => void;
};

/** Company, account and the subscriber's own word for it. */
export function AccountAdder({ action, busy, onAdd }: AccountAdderProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const billers = useHostState((state) => state.billers);
  const companies = [...billers.values()].filter((biller) => biller.status !== 'closed');
  const [billerId, setBillerId] = useState<string | null>(null);
  const [account, setAccount] = useState('');
  const [label, setLabel] = useState('');
  const [tried, setTried] = useState(false);
  const biller = (billerId === null ? undefined : billers.get(billerId)) ?? companies[0];
  const wrong = biller !== undefined && !fitsMask(biller, accountOf(account));

  const add = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!biller || wrong) return;
    const chosen = accountOf(account);
    void client['find.search']({ text: chosen, limit: 20 }).then((answer) => {
      const hits = answer.ok ? answer.value.hits : [];
      onAdd(
        { billerId: biller.id, account: chosen, label: label.trim() },
        hits.find((hit) => hit.billerId === biller.id && hit.account === chosen) ?? null,
      );
      setAccount('');
      setLabel('');
      setTried(false);
    });
  };

  return (
    <form className="account-adder" onSubmit={add} aria-label={t('subscriber.addAccount')}>
      <CompanySelect companies={companies} chosen={biller} onChoose={setBillerId} />
      <Field
        label={t('subscriber.account')}
        value={account}
        onChange={setAccount}
        maxLength={30}
        placeholder={biller?.accountExample ?? ''}
        problem={
          tried && wrong ? t('subscriber.accountWrong', { example: biller?.accountExample ?? '' }) : undefined
        }
        testId="bind-account"
      />
      <Field
        label={t('subscriber.label')}
        value={label}
        onChange={setLabel}
        maxLength={60}
        placeholder={t('subscriber.labelHint')}
        testId="bind-label"
      />
      <Button submit busy={busy} keyCap="Enter" testId="bind-add">
        {action}
      </Button>
    </form>
  );
}

type CompanySelectProps = {
  readonly companies: readonly Biller[];
  readonly chosen: Biller | undefined;
  readonly onChoose: (billerId: string) => void;
};

function CompanySelect({ companies, chosen, onChoose }: CompanySelectProps) {
  const { t } = useTranslation();
  return (
    <Select
      className="field"
      selectedKey={chosen?.id ?? null}
      onSelectionChange={(key) => {
        if (typeof key === 'string') onChoose(key);
      }}
    >
      <Label className="field-label">{t('subscriber.company')}</Label>
      <AriaButton className="field-input select-button" data-testid="bind-company">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Popover className="menu-popover">
        <ListBox className="menu">
          {companies.map((biller) => (
            <ListBoxItem key={biller.id} id={biller.id} textValue={biller.name} className="menu-item">
              {biller.name}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
