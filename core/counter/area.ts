import type { IpwContract } from '../../contracts/ipw.ts';
import type { HandlerOf } from '../../contracts/rpc/definition.ts';

/** The handlers of some methods of the counter's contract: each file of this folder implements one area. */
export type Area<M extends keyof IpwContract> = { readonly [K in M]: HandlerOf<IpwContract[K]> };
