import type { Language } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import type { CredentialsPort, DeviceKeyPort, KnownUser, SettingsPort } from '../ports/machine.ts';
import type { PrinterPort, PrinterSettings } from '../ports/printer.ts';
import { fakeHash, fakeSignature } from './fake-hash.ts';

/** The small ports of a workstation, in memory. */

export type MemoryDeviceKey = DeviceKeyPort & { set(deviceId: Id): void };

export function memoryDeviceKey(): MemoryDeviceKey {
  let identity: { deviceId: Id; publicKey: string } | null = null;
  const publicKey = 'A'.repeat(43);
  return {
    set: (deviceId) => {
      identity = { deviceId, publicKey };
    },
    identity: () => identity,
    begin: (mint) => (identity ??= { deviceId: mint(), publicKey }),
    signHash: fakeSignature,
    signText: (text) => fakeSignature(fakeHash(text)),
  };
}

export type MemoryCredentials = CredentialsPort & {
  readonly known: Map<string, { user: KnownUser; password: string; atMs: number }>;
};

/** Remembers passwords as they are: for tests only. Locks after five wrong tries. */
export function memoryCredentials(): MemoryCredentials {
  const known: MemoryCredentials['known'] = new Map();
  const wrong = new Map<string, number>();
  return {
    known,
    async remember(user, password, atMs) {
      known.set(user.username, { user, password, atMs });
      wrong.delete(user.username);
    },
    async verify(username, password) {
      const one = known.get(username);
      if (!one) return { kind: 'absent' };
      if ((wrong.get(username) ?? 0) >= 5) return { kind: 'locked', minutes: 15 };
      if (one.password !== password) {
        wrong.set(username, (wrong.get(username) ?? 0) + 1);
        return { kind: 'wrong' };
      }
      return { kind: 'right', user: one.user, rememberedAtMs: one.atMs };
    },
    forget: (username) => void known.delete(username),
  };
}

export type MemoryPrinter = PrinterPort & {
  readonly printed: { readonly document: ReceiptDocument; readonly openDrawer: boolean }[];
  /** The reason it does not print for, or null when it does. */
  away: string | null;
  /** Set to keep a print waiting until released. */
  hold: Promise<void> | null;
};

export function memoryPrinter(): MemoryPrinter {
  let settings: PrinterSettings = { kind: 'file', path: 'spool' };
  const printer: MemoryPrinter = {
    printed: [],
    away: null,
    hold: null,
    settings: () => settings,
    set: (next) => {
      settings = next;
    },
    async print(document, openDrawer) {
      if (printer.hold) await printer.hold;
      if (settings.kind === 'none') return { printed: false, reason: 'notSet' };
      if (printer.away !== null) return { printed: false, reason: printer.away };
      printer.printed.push({ document, openDrawer });
      return { printed: true, reason: null };
    },
    pdf: async (document) => Uint8Array.from(document.receiptNo, (letter) => letter.charCodeAt(0)),
    probe: async () => ({ ready: printer.away === null, reason: printer.away }),
  };
  return printer;
}

export function memorySettings(): SettingsPort {
  let language: Language = 'az';
  return {
    language: () => language,
    setLanguage: (next) => {
      language = next;
    },
  };
}
