import { conformance, SPECS } from '../testing/conformance.ts';
import { deckBench } from '../testing/deck-bench.ts';

conformance('purse card, T=0', { cardClass: 'A', make: () => deckBench(SPECS.purse) });
conformance('purse card, T=1', { cardClass: 'A', make: () => deckBench(SPECS.purseT1) });
conformance('memory card', { cardClass: 'B', make: () => deckBench(SPECS.memory) });
conformance('memory card, a reader that sends protection bits', {
  cardClass: 'B',
  make: () => deckBench(SPECS.memoryWithProtection),
});
