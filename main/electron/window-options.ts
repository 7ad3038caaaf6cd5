/** The rights of the page: those of any web page, and none beyond. */
export const PAGE_RIGHTS = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  spellcheck: false,
  navigateOnDragDrop: false,
  enableWebSQL: false,
} as const;

/** The window of a counter. Developer tools are not in it: whoever builds the program has the loopback shell. */
export const windowOptions = (preload: string) => ({
  title: 'KÖMİS',
  show: false,
  width: 1366,
  height: 768,
  minWidth: 800,
  minHeight: 560,
  backgroundColor: '#edf1f3',
  webPreferences: { ...PAGE_RIGHTS, devTools: false, preload },
});

/** A key press as Electron reports it before the page sees it. */
export type KeyPress = {
  readonly type: string;
  readonly key: string;
  readonly control: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
};

/** What the window itself does on a key; `undefined` leaves the key to the page. The F-keys are the page's. */
export function windowKey(press: KeyPress): 'reload' | 'zoomIn' | 'zoomOut' | 'zoomReset' | undefined {
  if (press.type !== 'keyDown' || press.alt || !(press.control || press.meta)) return undefined;
  switch (press.key.toLowerCase()) {
    case 'r':
      return 'reload';
    case '+':
    case '=':
      return 'zoomIn';
    case '-':
      return 'zoomOut';
    case '0':
      return 'zoomReset';
    default:
      return undefined;
  }
}
