import { useId, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatRegistrationCode } from '../../../../contracts/rules/damm.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { owedText } from './offered-rows.ts';
import { isOwnCode, typedCode, type TypedCode } from './typed-code.ts';
import { useFind, type FindOption } from './use-find.ts';

type FindFieldProps = {
  /** Enter with nothing typed: the next step of the counter. */
  readonly onNext: () => void;
  /** Arrow down with no list open: to the accounts. */
  readonly onDown: () => void;
  /** Opens what was chosen. */
  readonly onChoose: (option: FindOption) => void;
  /** Takes a code or text that is confirmed without a choice. */
  readonly onConfirm: (text: string) => void;
};

/** The one field of the counter: whatever identifies a payment. A combobox over the live hits. */
export function FindField({ onNext, onDown, onChoose, onConfirm }: FindFieldProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  useHome(field);
  const list = useId();
  const find = useFind();
  const { text, options, active, open } = find;
  const kind = typedCode(text);

  const choose = (option: FindOption): void => {
    find.clear();
    onChoose(option);
  };
  const confirm = (): void => {
    if (text.trim() === '') return onNext();
    if (!isOwnCode(text)) {
      const chosen = options[active];
      if (find.fresh && chosen) return choose(chosen);
      if (!find.fresh) return find.searchNow(choose);
    }
    const confirmed = text.trim();
    find.clear();
    onConfirm(confirmed);
  };
  const keys: Readonly<Record<string, () => boolean>> = {
    Enter: () => (confirm(), true),
    ArrowDown: () => (open ? find.move(1) : onDown(), true),
    ArrowUp: () => (open ? (find.move(-1), true) : false),
    Escape: () => (text === '' ? false : (find.clear(), true)),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // A key held down must not run on to the next step.
    if (event.repeat && event.key === 'Enter') event.preventDefault();
    else if (keys[event.key]?.()) event.preventDefault();
  };

  return (
    <div className="find">
      <div className="find-box">
        <svg className="find-glass" viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="8.5" cy="8.5" r="5.5" />
          <path d="M12.7 12.7 17 17" />
        </svg>
        <input
          ref={field}
          className="find-input"
          data-testid="find"
          data-scan="find"
          role="combobox"
          aria-label={t('find.label')}
          aria-expanded={open}
          aria-controls={list}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          value={text}
          onChange={(event) => find.type(event.target.value)}
          onKeyDown={onKeyDown}
          {...(open && options[active] ? { 'aria-activedescendant': `${list}-${active}` } : {})}
        />
        <span className={`find-hint find-hint-${kind}`} data-testid="find-hint" aria-live="polite">
          <Hint
            kind={kind}
            text={text}
            searching={!find.fresh}
            found={options.some((option) => option.kind === 'hit')}
          />
        </span>
      </div>
      <ul
        className="find-list"
        id={list}
        role="listbox"
        aria-label={t('find.hits')}
        hidden={!open}
        data-testid="hits"
      >
        {options.map((option, index) => (
          <li
            key={option.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            className={`find-option${index === active ? ' find-option-active' : ''}`}
            data-testid="hit"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
          >
            <OptionWords option={option} />
          </li>
        ))}
        {find.more ? (
          <li className="find-more" role="presentation">
            {t('find.more')}
          </li>
        ) : null}
        {options.length === 0 ? (
          <li className="find-more" role="presentation" data-testid="nothing-found">
            <strong>{t('find.nothing', { text: text.trim() })}</strong> {t('find.nothingNext')}
          </li>
        ) : null}
      </ul>
    </div>
  );
}

/** What the typed text is by its own form, once that can be said. A number may be an account though no code. */
function Hint(props: {
  readonly kind: TypedCode;
  readonly text: string;
  readonly searching: boolean;
  readonly found: boolean;
}) {
  const { t } = useTranslation();
  const { kind, text, searching, found } = props;
  if (text === '') return t('find.hint');
  if (kind === 'code') return t('find.codeOk');
  if (kind === 'bill') return t('find.billOk');
  if (kind === 'billDamaged') return t('find.billBad');
  if (searching) return t('find.searching');
  return kind === 'codeDamaged' && (isOwnCode(text) || !found) ? t('find.codeBad') : null;
}

function OptionWords({ option }: { readonly option: FindOption }) {
  const { t } = useTranslation();
  if (option.kind === 'unlisted') {
    return (
      <>
        <span className="find-what">{option.biller.name}</span>
        <span className="find-number">{option.account}</span>
        <span className="find-who">{t('find.unlisted')}</span>
      </>
    );
  }
  const { hit } = option;
  return (
    <>
      <span className="find-what">{hit.kind === 'subscriber' ? t('find.subscriber') : hit.billerName}</span>
      <span className="find-number">
        {hit.code === null ? hit.account : formatRegistrationCode(hit.code)}
      </span>
      <span className="find-who">
        <strong>{hit.name}</strong>
        <span>{[hit.address, hit.phone].filter(Boolean).join(' · ')}</span>
      </span>
      {hit.owed === null ? null : (
        <span className="find-owed">
          <small>{t(hit.owed < 0 ? 'counter.advance' : 'find.owed')}</small> {owedText(hit.owed)}
        </span>
      )}
    </>
  );
}
