import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { ipwContract } from '../../../contracts/ipw.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { usePrinterWords } from '../components/use-printer-words.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { say } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';

const KINDS = ['none', 'file', 'tcp'] as const;
type Kind = (typeof KINDS)[number];
type Target = z.input<(typeof ipwContract)['printer.set']['input']>;

/** Where receipts are printed. What is set now is told by the strip; its address stays with the core host. */
export function PrinterSettings() {
  const { t } = useTranslation();
  const { client } = useHost();
  const printer = useHostState((state) => state.status?.printer);
  const [kind, setKind] = useState<Kind>(printer?.kind ?? 'none');
  const [path, setPath] = useState('');
  const [host, setHost] = useState('');
  const [port, setPort] = useState('9100');
  const [tried, setTried] = useState(false);
  const printerWords = usePrinterWords();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const { busy, run } = useAction();

  const portWrong = !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535;
  const target = (): Target | null => {
    if (kind === 'none') return { kind };
    if (kind === 'file') return path.trim() === '' ? null : { kind, path: path.trim() };
    return host.trim() === '' || portWrong ? null : { kind, host: host.trim(), port: Number(port) };
  };
  const save = (): void => {
    setTried(true);
    const chosen = target();
    if (chosen)
      run(
        () => client['printer.set'](chosen),
        () => say('ok', t('settings.saved')),
      );
  };
  useKeys({ F2: save });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save();
  };
  return (
    <form className="settings-form" onSubmit={submit}>
      <p className="quiet">{printer ? printerWords(printer) : null}</p>
      <Choice
        label={t('settings.kind')}
        options={KINDS.map((id) => ({ id, text: t(`settings.kinds.${id}`) }))}
        value={kind}
        onChange={setKind}
        testId="printer-kind"
      />
      {kind === 'file' ? (
        <Field
          label={t('settings.path')}
          value={path}
          onChange={setPath}
          maxLength={400}
          placeholder={t('settings.pathHint')}
          problem={tried && path.trim() === '' ? t('settings.pathNeeded') : undefined}
          testId="printer-path"
        />
      ) : null}
      {kind === 'tcp' ? (
        <>
          <Field
            label={t('settings.host')}
            value={host}
            onChange={setHost}
            maxLength={200}
            problem={tried && host.trim() === '' ? t('settings.hostNeeded') : undefined}
            testId="printer-host"
          />
          <Field
            label={t('settings.port')}
            value={port}
            onChange={setPort}
            maxLength={5}
            problem={portWrong ? t('settings.portWrong') : undefined}
            testId="printer-port"
          />
        </>
      ) : null}
      <Button ref={button} primary submit keyCap="F2" busy={busy} testId="printer-save">
        {t('settings.save')}
      </Button>
    </form>
  );
}
