import type { LoadAtTill } from '../../../../contracts/ipw.ts';

export type StepState = 'done' | 'now' | 'doubt' | 'later';

/** The four steps that a teller watches: paid, allowed by the centre, written, verified. */
export type LoadSteps = readonly [
  paid: StepState,
  allowed: StepState,
  written: StepState,
  checked: StepState,
];

/** How far a load is, from its stage and what is being done about it. */
export function loadSteps({ stage, doing }: Pick<LoadAtTill, 'stage' | 'doing'>): LoadSteps {
  switch (stage) {
    case 'confirmed':
      return ['done', 'done', 'done', 'done'];
    case 'written':
      return ['done', 'done', 'done', 'now'];
    case 'unknown':
      return ['done', 'done', 'doubt', 'later'];
    case 'working':
      // Between the centre's word and the order to the card lies the journal: nothing is written yet.
      if (doing === 'writing') return ['done', 'done', 'now', 'later'];
      return doing === 'reading' ? ['done', 'done', 'doubt', 'later'] : ['done', 'now', 'later', 'later'];
    case 'owed':
      return ['done', 'later', 'later', 'later'];
    case 'cancelled':
      return ['done', 'later', 'later', 'later'];
  }
}

/** What the screen says of a load in front of the teller. */
export type LoadPhase = 'working' | 'reading' | 'torn' | 'owed' | 'done' | 'cancelled';

/** `beginning`: its payment has just been recorded, and the card's turn comes at once. */
export function loadPhase(
  { stage, doing, reason }: Pick<LoadAtTill, 'stage' | 'doing' | 'reason'>,
  beginning: boolean,
): LoadPhase {
  switch (stage) {
    case 'working':
      return 'working';
    case 'unknown':
      return doing === null ? 'torn' : 'reading';
    case 'owed':
      return doing !== null || (beginning && reason === null) ? 'working' : 'owed';
    case 'written':
    case 'confirmed':
      return 'done';
    case 'cancelled':
      return 'cancelled';
  }
}
