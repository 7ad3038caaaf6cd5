import type { EntryBody } from '../../contracts/journal.ts';

type Claim = (holds: boolean, what: string) => void;

/** What must hold of the loads in a journal: an order is given only where the last one is known, and the end is one. */
export function loadClaims(claim: Claim): (body: EntryBody) => void {
  const stages = new Map<string, 'owed' | 'intended' | 'written' | 'confirmed' | 'cancelled'>();
  return (body) => {
    switch (body.type) {
      case 'payment.accepted':
        for (const { load } of body.payload.lines) {
          if (!load) continue;
          claim(!stages.has(load.loadId), `load ${load.loadId} is paid twice`);
          stages.set(load.loadId, 'owed');
        }
        return;
      case 'load.intended': {
        const { loadId } = body.payload;
        const stage = stages.get(loadId) ?? 'owed';
        claim(stage === 'owed', `load ${loadId} is ordered of a card while it is ${stage}`);
        stages.set(loadId, 'intended');
        return;
      }
      case 'load.concluded': {
        const { loadId, outcome, by, evidence } = body.payload;
        const stage = stages.get(loadId) ?? 'owed';
        const fits =
          outcome === 'cancelled'
            ? // A write-off ends what nobody can ask any more.
              stage === 'owed' || (stage === 'intended' && evidence === null)
            : stage === 'intended' || (outcome === 'written' && stage === 'owed' && by !== 'answer');
        claim(fits, `load ${loadId} ends as ${outcome} by ${by} while it is ${stage}`);
        stages.set(loadId, outcome === 'notWritten' ? 'owed' : outcome);
        return;
      }
      case 'load.confirmed':
        claim(
          stages.get(body.payload.loadId) === 'written',
          `load ${body.payload.loadId} is confirmed unwritten`,
        );
        stages.set(body.payload.loadId, 'confirmed');
        return;
      default:
    }
  };
}
