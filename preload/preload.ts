import { ipcRenderer } from 'electron';
import { keepLine } from './line-keeper.ts';

/** The one channel between this page and the program. main/electron/main.ts listens on it. */
const CHANNEL = 'ipw.port';

keepLine<MessagePort>(
  {
    onMessage: (listen) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) =>
        listen(event.data, event.source === window),
      ),
    post: (message, port) => window.postMessage(message, window.location.origin, [port]),
  },
  {
    askForPort: () => ipcRenderer.send(CHANNEL),
    onPort: (listen) => void ipcRenderer.on(CHANNEL, (event) => listen(event.ports[0])),
  },
);
