import '../channel/no-eval.ts';
import { ipwContract } from '../../../contracts/ipw.ts';
import { createHost } from '../../../contracts/rpc/host.ts';
import { memoryChannelPair } from '../../../contracts/rpc/memory-channel.ts';
import { keepLine } from '../channel/line.ts';
import { mountWindow } from '../mount-window.tsx';
import { fakeHandlers } from './fake-host.ts';
import { putIn } from './fake-meter-cards.ts';
import { fakeState } from './fake-state.ts';

/**
 * The window with a core host in the page itself. `window.fake` lets a test cut and mend the line, and see which terminal is
 * set.
 */
const state = fakeState(new URLSearchParams(window.location.search), Date.now);
const host = createHost(ipwContract, fakeHandlers(state, Date.now), {
  onFault: ({ method, error }) => {
    document.documentElement.dataset['fault'] = `${method}: ${String(error)}`;
    return 'fake';
  },
});

let mended = true;
let cut = (): void => undefined;
const open = async () => {
  if (!mended) throw new Error('the line is cut');
  const [own, other] = memoryChannelPair();
  host.attach(other);
  cut = own.close;
  return own;
};

window.fake = {
  cut: () => {
    mended = false;
    cut();
  },
  mend: () => {
    mended = true;
  },
  settings: () => state.terminal.current().settings,
  pays: () => void (state.card = 'approve'),
  meterCard: (name) => putIn(state, name),
};

mountWindow(window, (changed) => keepLine(open, changed));
