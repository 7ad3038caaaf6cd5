import type { Id } from '../../contracts/ids.ts';
import type { Language, Role } from '../../contracts/domain.ts';

/** Clock, randomness and timers of this machine. The wall clock is not trusted beyond display. */
export type MachinePort = {
  nowMs(): number;
  monotonicMs(): number;
  mintId(): Id;
  /** Runs after a delay; returns the way to call it off. */
  after(delayMs: number, run: () => void): () => void;
  /** Structured log; never given a password, key, PAN or whole payload. */
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields?: Readonly<Record<string, string | number | boolean | null>>,
  ): void;
};

/** What this workstation remembers of a person whom the centre let in (argon2id verifier of its own, with the time). */
export type CredentialsPort = {
  remember(user: KnownUser, password: string, atMs: number): Promise<void>;
  /** `absent`: never seen here online; `wrong`: password differs; `locked`: too many wrong tries since. */
  verify(
    username: string,
    password: string,
    atMs: number,
  ): Promise<
    | { kind: 'right'; user: KnownUser; rememberedAtMs: number }
    | { kind: 'wrong' }
    | { kind: 'absent' }
    | { kind: 'locked'; minutes: number }
  >;
  forget(username: string): void;
};
export type KnownUser = {
  readonly userId: Id;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
};

/** The device key (Ed25519). The private half never leaves its bridge. */
export type DeviceKeyPort = {
  /** Null before enrolment. */
  identity(): { readonly deviceId: Id; readonly publicKey: string } | null;
  /** Creates (or returns the one already begun) identity for an enrolment; survives a crash in between. */
  begin(mint: () => Id): { readonly deviceId: Id; readonly publicKey: string };
  /** Signature over the bytes of a hex hash, base64url. */
  signHash(hashHex: string): string;
  /** Signature over UTF-8 text (nonces, receipt codes), base64url. */
  signText(text: string): string;
};

/** Small settings of this workstation that are not money: screen language and the like. */
export type SettingsPort = {
  language(): Language;
  setLanguage(language: Language): void;
};
