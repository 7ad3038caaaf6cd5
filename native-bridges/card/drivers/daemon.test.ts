import { needs } from '../../../scripts/needs.ts';
import { conformance, SPECS } from '../testing/conformance.ts';
import { daemonBench } from '../testing/daemon-bench.ts';

/** The same over a real PC/SC daemon; every second or fourth cut point, for each costs the daemon a second to notice. */

conformance('purse card, T=0, over pcscd', {
  cardClass: 'A',
  make: (context) => daemonBench(context, needs, SPECS.purse),
  stride: 2,
});
conformance('purse card, T=1, over pcscd', {
  cardClass: 'A',
  make: (context) => daemonBench(context, needs, SPECS.purseT1),
  stride: 3,
});
conformance('memory card, over pcscd', {
  cardClass: 'B',
  make: (context) => daemonBench(context, needs, SPECS.memory),
  stride: 4,
});
