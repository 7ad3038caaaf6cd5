import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { ipwContract } from '../../../../contracts/ipw.ts';
import { saveText } from '../../components/save-file.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { say } from '../../host/window-store.ts';

type Wanted = z.input<(typeof ipwContract)['terminal.recording']['input']>;

/** The masked frames as a download; the core host makes the file, the window hands it on. */
export function useRecording() {
  const { t } = useTranslation();
  const { client } = useHost();
  const { busy, run } = useAction({ stay: true });
  const save = (wanted: Wanted): void =>
    run(
      () => client['terminal.recording'](wanted),
      ({ fileName, text, frames }) => {
        saveText(window, text, fileName);
        say('ok', t('archive.recordingSaved', { file: fileName, count: frames }));
      },
    );
  return { busy, save };
}
