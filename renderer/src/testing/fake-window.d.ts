import type { PosSettings } from '../../../contracts/pos.ts';

declare global {
  /** What the page with the fake core host offers to tests: its line is cut and mended, its terminal looked at, meter cards put in. */
  interface Window {
    fake: {
      cut(): void;
      mend(): void;
      settings(): PosSettings;
      meterCard(name: string | null): Promise<void>;
      /** Ends the waiting of `?card=wait`: the customer pays. */
      pays(): void;
    };
  }
}
