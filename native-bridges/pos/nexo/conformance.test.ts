import { conformance } from '../testing/conformance.ts';
import { NEXO_FAULTS, nexoBench, QUICK_NEXO_FAULTS } from './testing/nexo-bench.ts';

for (const over of ['tcp', 'ws'] as const) {
  conformance(`nexo over ${over}`, {
    make: (machine) => nexoBench(over, machine),
    faults: Object.keys(NEXO_FAULTS),
    quickFaults: QUICK_NEXO_FAULTS,
  });
}
