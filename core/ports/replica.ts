import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { Biller, CounterPolicy, Subscriber, Workstation } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Instant } from '../../contracts/time.ts';

export type ReplicaPage = {
  readonly restart: boolean;
  readonly accounts: readonly ReplicaAccount[];
  readonly credits: readonly ReplicaCredit[];
  readonly subscribers: readonly Subscriber[];
  readonly lists: readonly ReplicaList[];
  readonly cursor: string;
  readonly more: boolean;
  readonly trueAt: Instant;
};

/** An account with its effective times (its own or its company's latest full list's, whichever is later). */
export type AccountWithCredits = {
  readonly account: ReplicaAccount;
  readonly credits: readonly ReplicaCredit[];
};

/** A block of registration codes leased from the centre; serials inclusive. */
export type CodeBlock = {
  readonly leaseId: string;
  readonly firstSerial: number;
  readonly lastSerial: number;
};

/** The branch district's copy of accounts, debts and subscribers: a cache that can be thrown away, but for the code blocks. */
export type ReplicaPort = {
  cursor(): string | null;
  /** Applies a page and its cursor in one transaction. */
  apply(page: ReplicaPage): void;
  trueAt(): Instant | null;
  accountCount(): number;
  account(billerId: string, account: string): AccountWithCredits | undefined;
  subscriber(code: string): Subscriber | undefined;
  /** Puts what this counter just registered or bound in place at once; the centre's row replaces it later. */
  putSubscriber(subscriber: Subscriber): void;
  subscribersOf(billerId: string, account: string): readonly Subscriber[];
  /** Accounts by number (exact first, then prefix), any company or one. */
  findByAccount(text: string, limit: number): readonly AccountWithCredits[];
  /** Accounts and subscribers by the last digits or whole of a phone number, folded (rules/fold-text.ts). */
  findByPhone(
    digits: string,
    limit: number,
  ): { readonly accounts: readonly AccountWithCredits[]; readonly subscribers: readonly Subscriber[] };
  /** Accounts and subscribers whose name and address hold all words as prefixes, folded. */
  findByWords(
    words: readonly string[],
    limit: number,
  ): { readonly accounts: readonly AccountWithCredits[]; readonly subscribers: readonly Subscriber[] };
  billers(): readonly Biller[];
  putBillers(billers: readonly Biller[]): void;
  /** What the centre said about this device; null before enrolment. */
  counter(): {
    readonly workstation: Workstation;
    readonly policy: CounterPolicy;
    readonly receiptVerifyUrl: string;
  } | null;
  putCounter(value: { workstation: Workstation; policy: CounterPolicy; receiptVerifyUrl: string }): void;
  codeBlocks(): readonly CodeBlock[];
  /**
   * The lease being asked for: the one begun and not yet answered, else a newly minted one, durable before this
   * returns. A lost answer is asked again with the same id, so that no block is leased twice.
   */
  beginLease(mint: () => Id): Id;
  /** Stores the block; ends the lease begun under the same id. A block stored twice is stored once. */
  putCodeBlock(block: CodeBlock): void;
};
