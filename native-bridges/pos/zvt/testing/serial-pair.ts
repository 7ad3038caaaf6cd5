import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Two pseudo-terminals joined like a null-modem cable. */
export type SerialPair = {
  readonly till: string;
  readonly terminal: string;
  /** Pulls the cable: both ends hang up. */
  unplug(): Promise<void>;
};

/**
 * @param socat path of the program
 */
export async function serialPair(socat: string): Promise<SerialPair> {
  const child = spawn(socat, ['-d', '-d', 'pty,raw,echo=0', 'pty,raw,echo=0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [till, terminal] = await ends(child);
  return {
    till,
    terminal,
    async unplug() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function ends(child: ChildProcess): Promise<readonly [string, string]> {
  return new Promise((found, failed) => {
    let said = '';
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`socat ended: ${said}`)));
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const [first, second] = [...said.matchAll(/PTY is (\S+)/g)].map(([, path]) => path);
      if (first !== undefined && second !== undefined && said.includes('starting data transfer loop'))
        found([first, second]);
    });
  });
}
