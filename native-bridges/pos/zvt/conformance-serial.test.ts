import { needs } from '../../../scripts/needs.ts';
import { conformance } from '../testing/conformance.ts';
import { ZVT_FAULTS, zvtBench } from './testing/zvt-bench.ts';

/** On a cable only silence tells of a power cut: amid a customer's thinking that takes T4, which is tried over TCP. */
const faults = [...ZVT_FAULTS.keys()].filter(
  (name) => !name.startsWith('the power goes') || /(before|after) the command$/.test(name),
);

let socat = '';
conformance('ZVT over a serial cable', {
  make: (machine) => zvtBench(machine, socat),
  needs(context) {
    socat = needs(context, 'socat');
  },
  faults: faults.filter((name) => /the command|approval|before the completion/.test(name)),
  scripts: 3,
  quickFaults: faults.filter((name) => /^twice|^nothing/.test(name) && /command|approval/.test(name)),
});
