import type { PrinterReason } from '../../../contracts/printer-reasons.ts';
import { isErrno } from '../../durable-file.ts';

/** What became of a job: `null` when the device took every byte, otherwise why not. */
export type Delivery = PrinterReason | null;

const REASONS: Readonly<Record<string, PrinterReason>> = {
  ENOENT: 'absent',
  ENODEV: 'absent',
  ENXIO: 'absent',
  ENOTDIR: 'absent',
  EISDIR: 'absent',
  EACCES: 'noPermission',
  EPERM: 'noPermission',
  EROFS: 'noPermission',
  EBUSY: 'busy',
  EAGAIN: 'busy',
  ETXTBSY: 'busy',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EIO: 'deviceFault',
  EINVAL: 'deviceFault',
  ENOTFOUND: 'hostUnknown',
  EAI_AGAIN: 'hostUnknown',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timedOut',
  ECONNRESET: 'connectionLost',
  ECONNABORTED: 'connectionLost',
  EPIPE: 'connectionLost',
};

/** The operating system's error as a reason for people; `undefined` for an error that is no system call's: a bug. */
export function reasonOf(error: unknown): PrinterReason | undefined {
  if (!isErrno(error) || error.code === undefined) return undefined;
  // Any other system error came from the device or the file system below it.
  return REASONS[error.code] ?? (/^E[A-Z0-9]+$/.test(error.code) ? 'deviceFault' : undefined);
}
