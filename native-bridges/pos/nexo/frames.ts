/** JSON on TCP: four bytes of length, the high one first, then that many bytes. */

/** No message is longer; a length beyond it is somebody else's protocol. */
export const LONGEST_MESSAGE = 1_048_576;

export function encodeFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

export type FrameReader = {
  /** The messages that are whole now; null when what comes is not this protocol. */
  readonly push: (chunk: Buffer) => readonly string[] | null;
};

/** Takes a stream apart by its lengths, however it was cut into pieces. */
export function frameReader(): FrameReader {
  let held = Buffer.alloc(0);
  return {
    push(chunk) {
      held = Buffer.concat([held, chunk]);
      const messages: string[] = [];
      while (held.length >= 4) {
        const length = held.readUInt32BE(0);
        if (length > LONGEST_MESSAGE) return null;
        if (held.length < 4 + length) break;
        messages.push(held.toString('utf8', 4, 4 + length));
        held = held.subarray(4 + length);
      }
      return messages;
    },
  };
}
