import type { Transport } from '../transport/transport.ts';

/** A line made of data: what was written, and switches to break it. */
export type Wire = Transport & {
  readonly written: Uint8Array[];
  /** All writes as hex, one string each. */
  hex(): string[];
  break(): void;
  failNextWrite(): void;
};

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

export function testWire(): Wire {
  const written: Uint8Array[] = [];
  let open = true;
  let fails = false;
  return {
    written,
    hex: () => written.map(hexOf),
    get open() {
      return open;
    },
    write(bytes) {
      if (!open) return Promise.reject(new Error('closed'));
      written.push(Uint8Array.from(bytes));
      const failing = fails;
      fails = false;
      return failing ? Promise.reject(new Error('broken in the middle')) : Promise.resolve();
    },
    close() {
      open = false;
      return Promise.resolve();
    },
    break() {
      open = false;
    },
    failNextWrite() {
      fails = true;
    },
  };
}
