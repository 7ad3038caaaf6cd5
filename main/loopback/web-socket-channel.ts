import { WebSocket, type RawData } from 'ws';
import type { Channel } from '../../contracts/rpc/channel.ts';

/** WebSocket close codes (RFC 6455 §7.4.1). */
const UNSUPPORTED_DATA = 1003;
const INVALID_PAYLOAD = 1007;
const TRY_AGAIN_LATER = 1013;

/** A window that does not read is cut off rather than let fill our memory; it comes back and is told the state anew. */
const UNREAD_MAX_BYTES = 16 * 1_048_576;

/**
 * A WebSocket as a channel: one frame is one text message of JSON. A binary message or text that is no JSON closes the
 * line; whether the JSON is a frame is the receiver's to judge. `failed` hears why a line broke, for the log.
 */
export function webSocketChannel(socket: WebSocket, failed: (error: Error) => void): Channel {
  socket.on('error', failed);
  return {
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify(frame));
      if (socket.bufferedAmount > UNREAD_MAX_BYTES) socket.close(TRY_AGAIN_LATER, 'not reading');
    },
    onFrame(receive) {
      socket.on('message', (data, binary) => {
        if (binary) {
          socket.close(UNSUPPORTED_DATA, 'text only');
          return;
        }
        const frame = parseJson(data);
        if (frame.ok) receive(frame.value);
        else socket.close(INVALID_PAYLOAD, 'not JSON');
      });
    },
    onClose(closed) {
      socket.on('close', closed);
    },
    close() {
      socket.close();
    },
  };
}

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data;

function parseJson(data: RawData): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    const value: unknown = JSON.parse(bytesOf(data).toString('utf8'));
    return { ok: true, value };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false };
    throw error;
  }
}
