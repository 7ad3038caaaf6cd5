import { join } from 'node:path';
import { messagePortChannel, type WindowPort } from './message-port-channel.ts';
import { failureWords } from './failure-words.ts';
import { launchArguments } from './launch-arguments.ts';
import { orderSchema, type Report } from './orders.ts';
import { startCoreHost } from './core-host.ts';
import { watchFaults } from './watch-faults.ts';

/** The core host as Electron's utility process: orders and windows' ports come over `process.parentPort`. */

/** `process.parentPort`, which only Electron has and only its types know. */
type ParentPort = {
  on(event: 'message', listener: (message: { data: unknown; ports: readonly WindowPort[] }) => void): void;
  postMessage(report: Report): void;
};

const REFUSED = 3;

const parent = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort; // see ParentPort
if (parent === undefined) throw new Error('this program runs as a utility process of Electron');

const options = launchArguments(process.argv.slice(2), { dataDir: '.' });
const core = startCoreHost({
  ...options,
  holder: 'KÖMİS, Electron',
  logFile: join(options.dataDir, 'log', 'workstation.log'),
});
if (!core.ok) {
  parent.postMessage({ kind: 'refused', text: failureWords(core.error) });
  process.exitCode = REFUSED;
} else {
  const { attach, stop, faults } = core.value;
  watchFaults(faults);
  parent.on('message', ({ data, ports }) => {
    const order = orderSchema.safeParse(data);
    if (!order.success) {
      faults.record('order', order.error);
    } else if (order.data.kind === 'attach') {
      for (const port of ports) attach(messagePortChannel(port));
    } else {
      void stop().finally(() => process.exit(0));
    }
  });
  parent.postMessage({ kind: 'ready' });
}
