import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../../../contracts/domain.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { Choice } from './choice.tsx';

/** The language of the screens. */
export function LanguageChoice() {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useHostState((state) => state.session?.language ?? 'az');
  const { run } = useAction({ stay: true });
  return (
    <Choice
      label={t('app.language')}
      options={LANGUAGES.map((id) => ({ id, text: t(`app.languages.${id}`) }))}
      value={language}
      onChange={(chosen) => run(() => client['session.language']({ language: chosen }))}
      testId="language"
    />
  );
}
