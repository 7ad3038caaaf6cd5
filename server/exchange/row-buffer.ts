/** Bytes of text known to be ASCII. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/**
 * A growing buffer that COPY lines are written into. Typed arrays swallow writes beyond their end, so `ensure` comes
 * before the writes it is for; nothing checks afterwards.
 */
export class RowBuffer {
  bytes = new Uint8Array(0);
  end = 0;

  /** Makes room for so many more bytes. */
  ensure(room: number): void {
    if (this.bytes.length - this.end >= room) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + room));
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
  }

  text(text: Uint8Array): void {
    for (let i = 0; i < text.length; i += 1) this.bytes[this.end++] = text[i] ?? 0;
  }

  /** Copies a span of another buffer. Values are short: a loop beats a call into the engine. */
  span(source: Uint8Array, from: number, to: number): void {
    for (let p = from; p < to; p += 1) this.bytes[this.end++] = source[p] ?? 0;
  }

  /** A whole number in decimal. */
  integer(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.bytes[this.end++] = 0x2d;
      rest = -rest;
    }
    let unit = 1;
    while (rest / unit >= 10) unit *= 10;
    for (; unit >= 1; unit /= 10) this.bytes[this.end++] = 0x30 + (Math.floor(rest / unit) % 10);
  }
}
