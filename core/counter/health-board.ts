import type { Id } from '../../contracts/ids.ts';
import type { Instant } from '../../contracts/time.ts';
import { within } from '../sync/within.ts';
import { instantNow, type CounterContext } from './context.ts';

export type HealthPart = {
  readonly part: 'centre' | 'company' | 'keyStore' | 'reader' | 'cardService' | 'terminal';
  readonly name: string;
  readonly state: 'up' | 'down';
  /** A code that screens have words for; of the centre's, a reader's or a terminal's own. */
  readonly reason: string | null;
  readonly sinceWhen: Instant | null;
  readonly billerId: Id | null;
};

const TIMEOUT_MS = 4_000;

/** Whose side stopped: the centre and what it sees (companies, key store), and this till's own devices. */
export async function healthBoard(context: CounterContext): Promise<HealthPart[]> {
  const { ports, meters, cards, sync } = context;
  const link = sync.link();
  const centre: HealthPart = part('centre', '', link.line === 'online', link.line, link.since);
  const asked =
    link.line === 'online'
      ? await within(ports.machine, TIMEOUT_MS, ports.centre['health.board']({}))
      : undefined;
  const there = asked?.ok
    ? asked.value.parts.map((one): HealthPart => ({
        part: one.part,
        name: one.name,
        state: one.state,
        reason: one.reason,
        sinceWhen: one.sinceWhen,
        billerId: one.billerId,
      }))
    : [];
  const service = meters.service();
  const here: HealthPart[] = [
    part('cardService', '', service.state !== 'noService', service.state, meters.since()),
    ...meters
      .readers()
      .map((reader) =>
        part(
          'reader',
          reader.name,
          reader.state !== 'mute' && reader.state !== 'taken',
          reader.state,
          reader.since,
        ),
      ),
  ];
  const terminal = ports.pos.health();
  const ofTerminal =
    terminal.state === 'notSet'
      ? []
      : [
          part(
            'terminal',
            terminal.terminalId ?? '',
            terminal.state === 'ready' || terminal.state === 'busy',
            terminal.reason?.code ?? terminal.state,
            cards.healthSince(),
          ),
        ];
  return [
    { ...centre, sinceWhen: centre.sinceWhen ?? instantNow(context) },
    ...there,
    ...here,
    ...ofTerminal,
  ];
}

const part = (
  what: HealthPart['part'],
  name: string,
  up: boolean,
  reason: string,
  sinceWhen: Instant | null,
): HealthPart => ({
  part: what,
  name,
  state: up ? 'up' : 'down',
  reason: up ? null : reason,
  sinceWhen,
  billerId: null,
});
