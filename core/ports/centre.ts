import type { CentreContract } from '../../contracts/centre.ts';
import type { Client } from '../../contracts/rpc/definition.ts';

/**
 * The centre over HTTPS. A lost answer (time-out, reset, TLS failure) is `connectionLost`: the outcome is unknown and
 * the same request, with the same ids, may be asked again. Device sessions are opened and renewed inside.
 */
export type CentrePort = Client<CentreContract> & {
  /** Where the centre is; set at enrolment, kept across restarts. */
  configured(): boolean;
  configure(centreUrl: string): void;
};
