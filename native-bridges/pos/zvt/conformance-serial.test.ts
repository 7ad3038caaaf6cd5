import { needs } from '../../../scripts/needs.ts';
import { findProgram } from '../../../scripts/system-programs.mjs';
import { conformance } from '../testing/conformance.ts';
import { ZVT_FAULTS, zvtBench } from './testing/zvt-bench.ts';

/** On a cable only silence tells of a power cut: amid a customer's thinking that takes T4, which is tried over TCP. */
const faults = [...ZVT_FAULTS.keys()].filter(
  (name) => !name.startsWith('the power goes') || /(before|after) the command$/.test(name),
);

conformance('ZVT over a serial cable', {
  make: (machine) => zvtBench(machine, findProgram('socat') ?? ''),
  needs: (context) => void needs(context, 'socat'),
  faults: faults.filter((name) => /command|approval|completion|answer [125]/.test(name)),
  scripts: 3,
  quickFaults: faults.filter((name) => /^twice|^nothing/.test(name) && /command|approval/.test(name)),
});
