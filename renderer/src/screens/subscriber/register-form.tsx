import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { LANGUAGES, type AccountView, type BoundAccount } from '../../../../contracts/domain.ts';
import type { FindHit } from '../../../../contracts/ipw.ts';
import { parseBillCode } from '../../../../contracts/rules/bill-code.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Field } from '../../components/field.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { hush, say, tell } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';
import { AccountAdder } from './account-adder.tsx';
import { BoundAccounts } from './bound-accounts.tsx';
import { OpenByCode } from './open-by-code.tsx';
import { forgetDraft, useRegistrationDraft } from './registration-draft.ts';

type RegisterFormProps = {
  /** Accounts on the counter's screen: whoever registers now most likely means these. */
  readonly offered: readonly AccountView[];
  readonly onOpen: (code: string) => void;
  readonly onRegistered: (code: string) => void;
};

/** First registration: the person, the accounts; the answer is the code. */
export function RegisterForm({ offered, onOpen, onRegistered }: RegisterFormProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const billers = useHostState((state) => state.billers);
  const freeCodes = useHostState((state) => state.status?.freeCodes);
  const screenLanguage = useHostState((state) => state.session?.language ?? 'az');
  const customer = useHostState((state) => state.counter?.paymentId ?? '');
  const [draft, change] = useRegistrationDraft(customer, offered, screenLanguage);
  const { name, address, phone, email, language, accounts } = draft;
  const [tried, setTried] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  useHome(nameField);
  const { busy, run } = useAction();

  const nameWrong = name.trim().length < 2;
  const emailWrong = email.trim() !== '' && !z.email().safeParse(email.trim()).success;

  const add = (account: BoundAccount, hit: FindHit | null): void => {
    if (accounts.some((one) => one.billerId === account.billerId && one.account === account.account)) {
      return say('warning', t('subscriber.accountTwice'));
    }
    hush();
    change({ accounts: [...accounts, account] });
    if (hit === null) return;
    change({
      name: name.trim() === '' ? hit.name : name,
      address: address.trim() === '' ? hit.address : address,
      phone: phone.trim() === '' ? (hit.phone ?? '') : phone,
    });
    say('ok', t('subscriber.taken', { holder: hit.name }));
  };
  const addScanned = (text: string): void => {
    const bill = parseBillCode(text);
    if (bill === undefined) return onOpen(text);
    if (bill === 'damaged') return tell({ code: 'codeDamaged' });
    const biller = [...billers.values()].find((one) => one.number === bill.billerNo);
    if (!biller) return tell({ code: 'billerUnknown' });
    void client['find.search']({ text: bill.account, limit: 20 }).then((answer) => {
      const hits = answer.ok ? answer.value.hits : [];
      const hit = hits.find((one) => one.billerId === biller.id && one.account === bill.account) ?? null;
      add({ billerId: biller.id, account: bill.account, label: '' }, hit);
    });
  };
  const register = (): void => {
    setTried(true);
    if (nameWrong || emailWrong) return nameWrong ? nameField.current?.focus() : undefined;
    run(
      () =>
        client['subscriber.register']({
          subscriberId: draft.subscriberId,
          name,
          address,
          phone: phone.trim() === '' ? null : phone,
          email: email.trim() === '' ? null : email.trim(),
          language,
          accounts: [...accounts],
        }),
      ({ subscriber }) => {
        forgetDraft();
        onRegistered(subscriber.code);
      },
    );
  };
  useKeys({ F2: register });
  useScans(addScanned);

  return (
    <main className="subscriber">
      <section className="panel subscriber-person" aria-labelledby="register-title">
        <header>
          <h1 id="register-title">{t('subscriber.title')}</h1>
          <p className="quiet">{t('subscriber.lead')}</p>
        </header>
        <Field
          ref={nameField}
          label={t('subscriber.name')}
          value={name}
          onChange={(name) => change({ name })}
          maxLength={200}
          problem={tried && nameWrong ? t('subscriber.nameShort') : undefined}
          testId="subscriber-name"
        />
        <Field
          label={t('subscriber.address')}
          value={address}
          onChange={(address) => change({ address })}
          maxLength={300}
          testId="subscriber-address"
        />
        <div className="field-pair">
          <Field
            label={t('subscriber.phone')}
            value={phone}
            onChange={(phone) => change({ phone })}
            type="tel"
            maxLength={40}
            testId="subscriber-phone"
          />
          <Field
            label={t('subscriber.email')}
            value={email}
            onChange={(email) => change({ email })}
            type="email"
            maxLength={200}
            problem={emailWrong && tried ? t('subscriber.emailWrong') : undefined}
            testId="subscriber-email"
          />
        </div>
        <Choice
          label={t('subscriber.language')}
          options={LANGUAGES.map((id) => ({ id, text: t(`app.languages.${id}`) }))}
          value={language}
          onChange={(language) => change({ language })}
        />
        <NoticeArea />
        <div className="panel-foot">
          <span className="quiet">{t('subscriber.freeCodes', { count: freeCodes ?? 0 })}</span>
          <Button primary keyCap="F2" onPress={register} busy={busy} testId="register">
            {busy ? t('subscriber.registering') : t('subscriber.register')}
          </Button>
        </div>
      </section>
      <div className="subscriber-side">
        <OpenByCode onOpen={onOpen} />
        <section className="panel subscriber-accounts">
          <h2>{t('subscriber.accounts')}</h2>
          <BoundAccounts
            accounts={accounts}
            removeWord="×"
            removeText={(company, account) => t('subscriber.dropAccount', { company, account })}
            onRemove={(gone) => change({ accounts: accounts.filter((one) => one !== gone) })}
          />
          <AccountAdder action={t('subscriber.add')} busy={false} onAdd={add} />
        </section>
      </div>
    </main>
  );
}
