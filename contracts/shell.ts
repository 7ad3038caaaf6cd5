/**
 * How a window gets its line to the core host: the only place where the two shells differ (DESIGN §2). Frames are
 * JSON text over the WebSocket and plain objects over the MessagePort.
 *
 * Loopback: open `ws://<location.host>` + {@link CHANNEL_PATH}; the browser brings the cookie. When it closes, open it
 * again. Electron (`location.protocol` is {@link ELECTRON_PROTOCOL}): `window.postMessage` a {@link PortWanted}; the
 * preload answers with a {@link PortGiven} whose `ports[0]` is the line. When the port closes, ask again.
 */

/** Where the loopback shell takes WebSockets. */
export const CHANNEL_PATH = '/channel';

/** The protocol of the page's address in the Electron shell. */
export const ELECTRON_PROTOCOL = 'ipw:';

/** From the page to the preload: I need a line. */
export type PortWanted = { readonly kind: 'ipw.portWanted' };

/** From the preload to the page, with the port transferred. */
export type PortGiven = { readonly kind: 'ipw.portGiven' };

/** A frame larger than this is not ours: the line is closed. Bytes. */
export const FRAME_MAX_BYTES = 1_048_576;
