import { connect } from 'node:net';
import { posReason, type PosReasonCode } from '../../../../contracts/pos-reasons.ts';
import type { DriverMachine } from '../../driver.ts';
import type { OpenTransport, Transport, TransportOpening } from './transport.ts';

/** How long an address may take to answer. */
export const CONNECT_MS = 5000;

const connectReason = (code: string | undefined): PosReasonCode =>
  code === 'ECONNREFUSED' ? 'refused' : 'unreachable';

/** A TCP connection to a terminal (ZVT PA00P016, TCP/IP). The till opens it and closes it. */
export const tcpTransport =
  (
    at: { readonly host: string; readonly port: number },
    machine: Pick<DriverMachine, 'after'>,
  ): OpenTransport =>
  (events) =>
    new Promise<TransportOpening>((opened) => {
      const socket = connect({ host: at.host, port: at.port, noDelay: true });
      let connected = false;
      let over = false;
      const callOff = machine.after(CONNECT_MS, () => end(posReason('unreachable', 'no answer')));

      function end(reason: ReturnType<typeof posReason>): void {
        if (over) return;
        over = true;
        callOff();
        socket.destroy();
        if (connected) events.closed(reason);
        else opened({ kind: 'failed', reason });
      }

      const transport: Transport = {
        get open() {
          return !over && socket.writable;
        },
        write: (bytes) =>
          new Promise((done, failed) => {
            if (over || !socket.writable) return failed(new Error('the connection is closed'));
            socket.write(bytes, (error) => (error ? failed(error) : done()));
          }),
        close: () =>
          new Promise((done) => {
            over = true;
            callOff();
            if (socket.closed) return done();
            // A terminal that reads nothing any more must not keep us from going.
            const impatient = machine.after(1000, () => {
              socket.destroy();
            });
            socket.once('close', () => {
              impatient();
              done();
            });
            socket.destroySoon();
          }),
      };

      socket.on('connect', () => {
        connected = true;
        callOff();
        socket.setKeepAlive(true, 15_000);
        opened({ kind: 'open', transport });
      });
      socket.on('data', (bytes) => {
        if (!over) events.data(bytes);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        end(posReason(connected ? 'lineLost' : connectReason(error.code), error.code ?? error.message));
      });
      socket.on('end', () => end(posReason('lineLost', 'closed by the terminal')));
      socket.on('close', () => end(posReason('lineLost', 'closed')));
    });
