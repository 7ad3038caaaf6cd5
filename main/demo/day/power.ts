import { wasKilled } from '../processes.ts';
import type { Workstation } from '../workstation.ts';
import { logInWhenLet, type Ask } from './teller.ts';
import type { Tally } from './tally.ts';

/** The counter's power, which fails; each time it is back the teller logs in to the shift that is still open. */
export type Power = {
  /** Waits for the process to be dead and starts it again. */
  back(): Promise<void>;
  cut(): Promise<void>;
  /** The power goes now, and again after the n-th append from then on, between the journal and the answer. */
  cutAfterAppends(appends: number): Promise<void>;
  /** Does what can be begun again until a process that lives has done it, over every power cut. */
  through<T>(act: (ask: Ask) => Promise<T>): Promise<T>;
};

export function powerOf(
  {
    station,
    teller,
    password,
  }: { readonly station: Workstation; readonly teller: string; readonly password: string },
  tally: Tally,
): Power {
  async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    tally.kills += 1;
    await station.start(env);
    await logInWhenLet(station.ask, teller, password);
  }

  async function back(): Promise<void> {
    await station.running().exited;
    await start();
  }

  return {
    back,
    async cut() {
      await station.kill();
      await start();
    },
    async cutAfterAppends(appends) {
      await station.kill();
      await start({ KOMIS_TEST_KILL_AFTER_APPENDS: String(appends + 1) }); // the log-in is an append, too
    },
    async through(act) {
      for (;;) {
        const running = station.running();
        // Bound to this process: what is left of an interrupted act cannot reach the next one.
        const client = station.ask();
        try {
          const dead = running.exited.then(() => Promise.reject(new Error('the power failed')));
          return await Promise.race([act(() => client), dead]);
        } catch (error) {
          if (!(await wasKilled(running))) throw error;
          await back();
          tally.askedAgain += 1;
        }
      }
    },
  };
}
