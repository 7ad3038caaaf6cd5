/** How far a replica has come, kind by kind: rows up to and including this place have been sent. */
export type Cursor = {
  readonly epoch: string;
  /** (transaction, handful of accounts it changed: replica_account_page) */
  readonly accounts: readonly [xid: string, chunk: number];
  /** (transaction, line) */
  readonly credits: readonly [xid: string, lineId: string];
  /** (transaction, subscriber) */
  readonly subscribers: readonly [xid: string, subscriberId: string];
};

const NIL = '00000000-0000-0000-0000-000000000000';

/** Before every row of transaction `xid` and after every row of those before it. */
export const cursorAt = (epoch: string, xid: string): Cursor => ({
  epoch,
  accounts: [xid, 0],
  credits: [xid, NIL],
  subscribers: [xid, NIL],
});

/** Opaque to the workstation, at most 200 characters (contracts/centre.ts). */
export const encodeCursor = ({ epoch, accounts, credits, subscribers }: Cursor): string =>
  [epoch, ...accounts, credits[0], pack(credits[1]), subscribers[0], pack(subscribers[1])].join('.');

/** Reads a cursor; `undefined` when it is none of ours. */
export function decodeCursor(text: string): Cursor | undefined {
  const match =
    /^([0-9a-f]{12})\.(\d{1,20})\.(\d{1,15})\.(\d{1,20})\.([\w-]{22})\.(\d{1,20})\.([\w-]{22})$/.exec(text);
  if (!match) return undefined;
  const [, epoch = '', aXid = '', chunk = '', cXid = '', cLine = '', sXid = '', sId = ''] = match;
  return {
    epoch,
    accounts: [aXid, Number(chunk)],
    credits: [cXid, unpack(cLine)],
    subscribers: [sXid, unpack(sId)],
  };
}

const pack = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
const unpack = (packed: string): string =>
  Buffer.from(packed, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
