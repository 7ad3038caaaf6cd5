/** How far a replica has come, kind by kind: rows up to and including this place have been sent. */
export type Cursor = {
  readonly epoch: string;
  /** (transaction, handful of accounts it changed: replica_account_page) */
  readonly accounts: readonly [xid: string, chunk: number];
  /** (transaction, line) */
  readonly credits: readonly [xid: string, lineId: string];
  /** (transaction, subscriber) */
  readonly subscribers: readonly [xid: string, subscriberId: string];
  /** The replica is being loaded from nothing, and nobody reads it before it is complete. */
  readonly loading?: true;
  /** The last block of the ledger then: a database put back from a copy does not have it, or has another there. */
  readonly block?: Block;
};

/** A block of the ledger by its number and the beginning of its hash. */
export type Block = { readonly seq: number; readonly hash: string };

const NIL = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const LAST_CHUNK = 999_999_999_999_999;

/** Before every row of transaction `xid` and after every row of those before it. */
export const cursorAt = (epoch: string, xid: string): Cursor => ({
  epoch,
  accounts: [xid, 0],
  credits: [xid, NIL],
  subscribers: [xid, NIL],
});

/** The places after every row of transaction `xid`. */
export const after = (xid: string): Pick<Cursor, 'accounts' | 'credits' | 'subscribers'> => ({
  accounts: [xid, LAST_CHUNK],
  credits: [xid, LAST],
  subscribers: [xid, LAST],
});

/** Opaque to the workstation, at most 200 characters (contracts/centre.ts). */
export const encodeCursor = ({ epoch, accounts, credits, subscribers, loading, block }: Cursor): string =>
  [
    epoch,
    ...accounts,
    credits[0],
    pack(credits[1]),
    subscribers[0],
    pack(subscribers[1]),
    ...(loading ? ['loading'] : []),
    ...(block ? [block.seq, block.hash] : []),
  ].join('.');

/** Reads a cursor; `undefined` when it is none of ours. */
export function decodeCursor(text: string): Cursor | undefined {
  const match =
    /^([0-9a-f]{12})\.(\d{1,20})\.(\d{1,15})\.(\d{1,20})\.([\w-]{22})\.(\d{1,20})\.([\w-]{22})(\.loading)?(?:\.(\d{1,15})\.([0-9a-f]{12}))?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [
    ,
    epoch = '',
    aXid = '',
    chunk = '',
    cXid = '',
    cLine = '',
    sXid = '',
    sId = '',
    loading,
    seq,
    hash,
  ] = match;
  return {
    epoch,
    accounts: [aXid, Number(chunk)],
    credits: [cXid, unpack(cLine)],
    subscribers: [sXid, unpack(sId)],
    ...(loading === undefined ? {} : { loading: true }),
    ...(seq === undefined || hash === undefined ? {} : { block: { seq: Number(seq), hash } }),
  };
}

const pack = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
const unpack = (packed: string): string =>
  Buffer.from(packed, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
