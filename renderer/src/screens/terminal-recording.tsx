import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { hush } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { useRecording } from './cards/use-recording.ts';

const MINUTES = ['5', '15', '60', '480'] as const;
type Minutes = (typeof MINUTES)[number];

/** The masked frames of the last minutes as a file, for whoever helps from afar. */
export function TerminalRecording({ onBack }: { readonly onBack: () => void }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const [minutes, setMinutes] = useState<Minutes>('15');
  const { busy, save } = useRecording();
  const download = (): void => save({ of: 'minutes', minutes: Number(minutes) });
  const back = (): void => {
    hush();
    onBack();
  };
  useKeys({ F2: download, Escape: back });
  return (
    <fieldset className="terminal-recording">
      <legend>{t('archive.recordingTitle')}</legend>
      <Choice
        label={t('archive.recordingMinutes')}
        options={MINUTES.map((id) => ({ id, text: id }))}
        value={minutes}
        onChange={setMinutes}
        testId="recording-minutes"
      />
      <p className="quiet">{t('archive.recordingLead')}</p>
      <div className="button-row">
        <Button onPress={back} keyCap="Esc">
          {t('cards.back')}
        </Button>
        <Button ref={button} primary keyCap="F2" onPress={download} busy={busy} testId="recording-save">
          {t('archive.recording')}
        </Button>
      </div>
    </fieldset>
  );
}
