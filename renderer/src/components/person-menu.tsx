import { useTranslation } from 'react-i18next';
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
  Text,
} from 'react-aria-components';
import { LANGUAGES, languageSchema } from '../../../contracts/domain.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';

/** The person at the counter: language of the screens, log-out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const { client } = useHost();
  const session = useHostState((state) => state.session);
  const { run } = useAction();
  if (!session?.user) return null;
  return (
    <MenuTrigger>
      <Button
        className="strip-person"
        aria-label={t('strip.person', { name: session.user.name })}
        data-testid="person"
      >
        {shortName(session.user.name)}
        {session.user.offline ? <span className="strip-offline"> · {t('strip.offlinePerson')}</span> : null}
        <span aria-hidden="true"> ▾</span>
      </Button>
      <Popover className="menu-popover" placement="bottom end">
        <Menu
          className="menu"
          onAction={(key) => {
            const language = languageSchema.safeParse(key);
            if (language.success) run(() => client['session.language']({ language: language.data }));
            else run(() => client['session.logout']({}));
          }}
        >
          <MenuSection selectionMode="single" disallowEmptySelection selectedKeys={[session.language]}>
            <Header className="menu-header">{t('app.language')}</Header>
            {LANGUAGES.map((language) => (
              <MenuItem
                key={language}
                id={language}
                className="menu-item"
                textValue={t(`app.languages.${language}`)}
                lang={language}
              >
                {t(`app.languages.${language}`)}
              </MenuItem>
            ))}
          </MenuSection>
          <Separator className="menu-line" />
          <MenuItem id="logout" className="menu-item" textValue={t('strip.logout')} data-testid="logout">
            <Text slot="label">{t('strip.logout')}</Text>
            <Text slot="description" className="menu-why">
              {t('strip.logoutWhy')}
            </Text>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** `Aygün Məmmədova` → `Aygün M.`: enough on the strip, the menu has the rest. */
const shortName = (name: string): string => {
  const [first, ...others] = name.split(' ');
  const last = others.at(-1);
  return last === undefined ? (first ?? '') : `${first} ${last.slice(0, 1)}.`;
};
