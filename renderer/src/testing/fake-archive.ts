import type { CardRow, IpwContract } from '../../../contracts/ipw.ts';
import { formatAmount } from '../../../contracts/money.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { HandlerOf } from '../../../contracts/rpc/definition.ts';
import type { archiveContract } from '../../../contracts/ipw-archive.ts';
import type { FakeState } from './fake-state.ts';
import { SAMPLE_CARDS, sampleStory } from './sample-cards.ts';

type ArchiveMethods = keyof typeof archiveContract;

/** Looking back at cards, in memory: `?cards` has some. */
export function archiveHandlers(state: Pick<FakeState, 'cards'>): {
  readonly [K in ArchiveMethods]: HandlerOf<IpwContract[K]>;
} {
  const copies = new Map<string, { customer: number; merchant: number }>();
  const copiesOf = (id: string) => copies.get(id) ?? { customer: 0, merchant: 0 };
  const rowOf = (id: string): CardRow | undefined => state.cards.find((row) => row.attemptId === id);
  const words = (row: CardRow): string =>
    [row.receiptNo, row.result?.trace, row.result?.authCode, row.result?.maskedPan, formatAmount(row.amount)]
      .join(' ')
      .toUpperCase();
  return {
    'card.list': async ({ text, kind, outcome, limit }) => {
      const rows = state.cards.filter(
        (row) =>
          words(row).includes(text.toUpperCase()) &&
          (kind === null || row.kind === kind) &&
          (outcome === null || (row.outcome ?? 'open') === outcome),
      );
      return ok({ rows: rows.slice(0, limit) });
    },
    'card.get': async ({ attemptId }) => {
      const row = rowOf(attemptId);
      return row ? ok(sampleStory(row, copiesOf(attemptId))) : fail('cardAttemptUnknown');
    },
    'card.print': async ({ attemptId, slip }) => {
      if (rowOf(attemptId)?.receipts[slip].length === 0) return fail('slipMissing');
      const before = copiesOf(attemptId);
      const after = { ...before, [slip]: before[slip] + 1 };
      copies.set(attemptId, after);
      return ok({ copy: after[slip] });
    },
    'terminal.reprint': async ({ print }) => {
      const row = SAMPLE_CARDS.at(-1);
      if (!row) return fail('reprintRefused', { reason: '—' });
      return ok({ receipts: row.receipts, print: print === null ? null : { printed: true, reason: null } });
    },
    'terminal.recording': async () =>
      ok({ fileName: 'komis-terminal-WS07-20261123-060000.txt', text: '# KÖMİS\n', frames: 1 }),
  };
}
