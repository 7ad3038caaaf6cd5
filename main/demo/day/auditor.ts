import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCentreClient } from '../../../native-bridges/centre-client/centre-client.ts';
import { createDeviceKey } from '../../../native-bridges/device-key/device-key.ts';
import { createMachine } from '../../../native-bridges/machine/machine.ts';
import type { AccountFigures } from './invariants.ts';
import { must } from './teller.ts';

/** Somebody who asks the centre itself, with the workstation's key and past its program, what it has on its books. */
export type Auditor = {
  /** What is owed on accounts now, by the centre's own figures. */
  owed(
    accounts: readonly { readonly billerId: string; readonly account: string }[],
  ): Promise<readonly AccountFigures[]>;
  /** What the centre says of a receipt's code, as anyone may ask. */
  verifyReceipt(code: string): Promise<{ readonly genuine: boolean; readonly state: string }>;
  /** Whether the centre has a subscriber under this code. */
  knowsCode(code: string): Promise<boolean>;
  close(): void;
};

/** How many questions are under way at once. */
const AT_ONCE = 8;

export function openAuditor(options: {
  readonly centreUrl: string;
  readonly caFile: string;
  /** The enrolled workstation's data folder. */
  readonly workstationDir: string;
}): Auditor {
  const folder = mkdtempSync(join(tmpdir(), 'komis-auditor-'));
  const machine = createMachine({ level: 'error' });
  const centre = createCentreClient({
    addressFile: join(folder, 'centre.json'),
    caFile: options.caFile,
    deviceKey: createDeviceKey({ path: join(options.workstationDir, 'device-key.json') }),
    machine,
  });
  centre.configure(options.centreUrl);
  return {
    async owed(accounts) {
      const figures: AccountFigures[] = [];
      for (let from = 0; from < accounts.length; from += AT_ONCE) {
        const asked = accounts.slice(from, from + AT_ONCE).map(async ({ billerId, account }) => {
          const view = must(
            `the figures of ${account}`,
            await centre['account.fetch']({ billerId, account }),
          );
          return { billerId, account, owed: view.owed };
        });
        figures.push(...(await Promise.all(asked)));
      }
      return figures;
    },
    async verifyReceipt(code) {
      const { genuine, state } = must('the receipt', await centre['receipts.verify']({ code }));
      return { genuine, state };
    },
    async knowsCode(code) {
      const answer = await centre['subscriber.fetch']({ code });
      if (!answer.ok && answer.error.code === 'subscriberUnknown') return false;
      return must('the subscriber', answer).subscriber.code === code;
    },
    close() {
      centre.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
