import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { useRecording } from './cards/use-recording.ts';

const MINUTES = ['5', '15', '60', '480'] as const;
type Minutes = (typeof MINUTES)[number];

/** The masked frames of the last minutes as a file, for whoever helps from afar. */
export function TerminalRecording() {
  const { t } = useTranslation();
  const [minutes, setMinutes] = useState<Minutes>('15');
  const { busy, save } = useRecording();
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
      <Button
        onPress={() => save({ of: 'minutes', minutes: Number(minutes) })}
        busy={busy}
        testId="recording-save"
      >
        {t('archive.recording')}
      </Button>
    </fieldset>
  );
}
