import { createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { encodeFrame, frameReader } from '../frames.ts';

/** What a till asked, as far as fakes need it. */
export type Asked = { readonly category: string; readonly serviceId: string; readonly text: string };

/** A response text: header as asked for, body under the name of its category. */
export const respond = ({ category, serviceId }: Asked, body: object, header: object = {}): string =>
  JSON.stringify({
    SaleToPOIResponse: {
      MessageHeader: {
        MessageClass: 'Service',
        MessageCategory: category,
        MessageType: 'Response',
        ServiceID: serviceId,
        SaleID: 'WS07',
        POIID: 'P1',
        ...header,
      },
      [`${category}Response`]: body,
    },
  });

export const LOGGED_IN = {
  Response: { Result: 'Success' },
  POISystemData: { POITerminalData: { POISerialNumber: 'S1' } },
};
export const NOT_FOUND = { Response: { Result: 'Failure', ErrorCondition: 'NotFound' } };

export type Fake = {
  readonly port: number;
  readonly asked: Asked[];
  readonly sockets: ReadonlySet<Socket>;
  /** Sends to every till. */
  readonly say: (text: string) => void;
};

/** Says what it is told to, right or wrong; logs every till in unless it is told otherwise. */
export async function fakeTerminal(
  answers: (asked: Asked, send: (text: string) => void) => string | Buffer | null,
): Promise<Fake> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const frames = frameReader();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      for (const text of frames.push(chunk) ?? []) {
        const { SaleToPOIRequest: request } = JSON.parse(text) as {
          SaleToPOIRequest?: { MessageHeader: { MessageCategory: string; ServiceID: string } };
        };
        if (request === undefined) continue;
        const { MessageCategory: category, ServiceID: serviceId } = request.MessageHeader;
        const one = { category, serviceId, text };
        asked.push(one);
        const send = (answer: string): void => void socket.write(encodeFrame(answer));
        const answer = answers(one, send) ?? (category === 'Login' ? respond(one, LOGGED_IN) : null);
        if (answer !== null) socket.write(typeof answer === 'string' ? encodeFrame(answer) : answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    sockets,
    say: (text) => {
      for (const socket of sockets) socket.write(encodeFrame(text));
    },
  };
}
