import type { Instant } from '../../contracts/time.ts';

/**
 * The line to the centre as the counter knows it. `stopped`: the centre (or our own check) found the journal or the device
 * not in order; nothing is sent until people have looked.
 */
export type LinkState = {
  readonly line: 'online' | 'offline' | 'stopped';
  readonly since: Instant;
  /** Lost or unusable answers in a row. */
  readonly failures: number;
  /** The centre's clock minus ours, ms. */
  readonly skewMs: number | null;
  readonly why: StopCode | null;
};

export type StopCode =
  'deviceQuarantined' | 'journalFork' | 'journalForged' | 'journalAhead' | 'deviceUnknown';

export type LinkEvent =
  | { readonly kind: 'answered'; readonly at: Instant; readonly skewMs: number | null }
  | { readonly kind: 'lost'; readonly at: Instant }
  | { readonly kind: 'stopped'; readonly at: Instant; readonly why: StopCode }
  /** People asked to try again, or the centre lifted a quarantine. */
  | { readonly kind: 'released'; readonly at: Instant };

export const linkBefore = (at: Instant): LinkState => ({
  line: 'offline',
  since: at,
  failures: 0,
  skewMs: null,
  why: null,
});

/** The next state of the line. A stopped line stays stopped, whatever else is heard, until it is released. */
export function linkStep(state: LinkState, event: LinkEvent): LinkState {
  switch (event.kind) {
    case 'answered':
      if (state.line === 'stopped') return { ...state, skewMs: event.skewMs ?? state.skewMs };
      return {
        line: 'online',
        since: state.line === 'online' ? state.since : event.at,
        failures: 0,
        skewMs: event.skewMs ?? state.skewMs,
        why: null,
      };
    case 'lost':
      return {
        ...state,
        line: state.line === 'stopped' ? 'stopped' : 'offline',
        since: state.line === 'online' ? event.at : state.since,
        failures: state.failures + 1,
      };
    case 'stopped':
      return {
        ...state,
        line: 'stopped',
        since: state.line === 'stopped' ? state.since : event.at,
        why: event.why,
      };
    case 'released':
      return state.line === 'stopped'
        ? { ...state, line: 'offline', since: event.at, failures: 0, why: null }
        : { ...state, failures: 0 };
  }
}
