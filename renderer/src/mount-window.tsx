import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { assert } from '../../contracts/assert.ts';
import { Frame } from './components/frame.tsx';
import { FaultBoundary } from './components/fault-boundary.tsx';
import { HostContext } from './host/host-context.ts';
import { createHostStore, type HostClient } from './host/host-store.ts';
import { createTexts } from './i18n/texts.ts';
import { keepFocus } from './keyboard/focus-home.ts';
import { serveKeys } from './keyboard/key-layers.ts';
import { listenForScans } from './keyboard/scan-listener.ts';
import { takeScan } from './keyboard/scans.ts';
import { applyTheme } from './theme.ts';
import './styles/window.css';

/** Puts the window together around a client of the core host and shows it in `#window`. */
export function mountWindow(page: Window, openLine: (changed: (up: boolean) => void) => HostClient): void {
  const place = page.document.getElementById('window');
  assert(place !== null, 'the page has no #window');
  applyTheme(page);

  let setLink: (up: boolean) => void = () => undefined;
  const client = openLine((up) => setLink(up));
  const store = createHostStore(client);
  // Up is known when the first state arrives over the new line; down at once.
  setLink = (up) => {
    if (!up) store.setLink(store.getState().session === null ? 'connecting' : 'lost');
  };

  const texts = createTexts();
  const followLanguage = (): void => {
    const language = store.getState().session?.language ?? 'az';
    if (texts.language !== language) void texts.changeLanguage(language);
    page.document.documentElement.lang = language;
  };
  store.subscribe(followLanguage);

  serveKeys(page);
  listenForScans(page, takeScan);
  keepFocus(page);
  createRoot(place).render(
    <StrictMode>
      <I18nextProvider i18n={texts}>
        <HostContext value={{ client, store }}>
          <FaultBoundary>
            <Frame />
          </FaultBoundary>
        </HostContext>
      </I18nextProvider>
    </StrictMode>,
  );
}
