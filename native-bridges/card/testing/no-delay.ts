import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';

/**
 * vpcd sends each command in two small writes, and the second waits for the kernel's delayed acknowledgement of the first:
 * 40 ms that no reader of metal takes. Switched off here on the daemon's own listening sockets; what they accept inherits it.
 */

// The same numbers on every Linux of the last years.
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const LISTENING = '0A';

/** Switches the delay off for whoever connects to these ports of the process. False where the kernel does not allow it. */
export function sendAtOnce(pid: number, ports: readonly number[]): boolean {
  const libc = koffi.load(null);
  const syscall = libc.func('syscall', 'long', ['long', 'long', 'long', 'long']);
  const setsockopt = libc.func('setsockopt', 'int', ['int', 'int', 'int', 'int *', 'uint32']);
  const close = libc.func('close', 'int', ['int']);

  const process = Number(syscall(PIDFD_OPEN, pid, 0, 0));
  if (process < 0) return false;
  const done = listeningOn(pid, ports).map((fd) => {
    const own = Number(syscall(PIDFD_GETFD, process, fd, 0));
    if (own < 0) return false;
    const set = Number(setsockopt(own, IPPROTO_TCP, TCP_NODELAY, [1], 4)) === 0;
    close(own);
    return set;
  });
  close(process);
  return done.length === ports.length && done.every(Boolean);
}

/** The descriptors, in the process, of its sockets that listen on these ports. */
function listeningOn(pid: number, ports: readonly number[]): readonly number[] {
  const inodes = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENING && ports.includes(portOf(local)))
    .map((columns) => `socket:[${columns[9]}]`);
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => inodes.includes(targetOf(`/proc/${pid}/fd/${fd}`)))
    .map(Number);
}

/** What a descriptor is of; empty when it was closed meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // readlinkSync throws system errors
    throw error;
  }
}

const portOf = (address: string): number => Number.parseInt(address.split(':')[1] ?? '', 16);
