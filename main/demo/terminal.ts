import { join } from 'node:path';
import { readPosSettings, writePosSettings } from '../../native-bridges/pos/settings-file.ts';
import { firstFree } from './centre-process.ts';
import { startProcess, type Running } from './processes.ts';

/** The POS terminal of the demo: a simulator, and the workstation set to it. */

const HOST = '127.0.0.1';
/** Where ZVT terminals listen; the next ones where somebody else does. */
const PORTS = [20_007, 20_008, 20_009] as const;
const PASSWORD = '000000';

export type DemoTerminal = { readonly running: Running; readonly port: number; readonly page: string };

/** Starts the simulator as a process. Its counters and its bank survive it in `stateFile`. */
export async function startTerminalProcess(options: {
  readonly port: number;
  readonly stateFile: string;
  readonly logFile?: string;
}): Promise<DemoTerminal> {
  const running = startProcess({
    name: 'terminal',
    file: 'native-bridges/pos/simulator/main.ts',
    args: ['--tcp', String(options.port), '--state', options.stateFile],
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  const ready = await running.ready;
  return { running, port: Number(ready['tcp']), page: `http://${HOST}:${String(ready['control'])}/` };
}

/** The port the demo's workstation looks for its terminal at; null where a person has set another terminal. */
export async function terminalPort(workstationDir: string): Promise<number | null> {
  const settings = readPosSettings(settingsFile(workstationDir));
  if (settings.kind === 'none') return firstFree(PORTS);
  return settings.kind === 'zvtTcp' && settings.host === HOST ? settings.port : null;
}

/** Sets the workstation to the simulator, before it is started. */
export function setTerminal(workstationDir: string, port: number): void {
  writePosSettings(settingsFile(workstationDir), { kind: 'zvtTcp', host: HOST, port, password: PASSWORD });
}

const settingsFile = (workstationDir: string): string => join(workstationDir, 'terminal.json');
