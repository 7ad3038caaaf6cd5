import type { PosSettings } from '../../../contracts/pos.ts';

declare global {
  /** What the page with the fake core host offers to tests: its line is cut and mended, its terminal looked at. */
  interface Window {
    fake: {
      cut(): void;
      mend(): void;
      settings(): PosSettings;
      /** Ends the waiting of `?card=wait`: the customer pays. */
      pays(): void;
    };
  }
}
