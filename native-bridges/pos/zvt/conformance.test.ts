import { conformance } from '../testing/conformance.ts';
import { QUICK_ZVT_FAULTS, ZVT_FAULTS, zvtBench } from './testing/zvt-bench.ts';

conformance('ZVT over TCP', {
  make: (machine) => zvtBench(machine),
  faults: [...ZVT_FAULTS.keys()],
  quickFaults: QUICK_ZVT_FAULTS,
});
