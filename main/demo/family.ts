import { setTimeout as wait } from 'node:timers/promises';
import { afterDeath } from '../supervision/restart-policy.ts';
import type { Running } from './processes.ts';

/** The processes of one `npm start`: kept running while it lasts, and ended in order, last started first. */
export type Family = {
  /**
   * Starts a process and keeps it running. When it ends by itself, `died` is told; it is started again, but not for ever:
   * then `gaveUp` is told. The promise is that of the first start.
   */
  keep(member: Member): Promise<void>;
  /** Takes in a process that is ended with the others but not started again: whoever adds it watches it. */
  adopt(running: Running): void;
  /** Ends all of them. Answers how many processes had to be killed. */
  stop(): Promise<number>;
};

export type Member = {
  readonly name: string;
  readonly start: () => Promise<Running>;
  readonly died: (name: string, how: string) => void;
  readonly gaveUp: (name: string) => void;
};

/** A short breath before starting again what has just died. */
const BREATH_MS = 500;

export function createFamily(): Family {
  const members: { running: Running | undefined; starting: Promise<unknown> }[] = [];
  let stopping = false;

  return {
    async keep({ name, start, died, gaveUp }) {
      let deaths: readonly number[] = [];
      const place: (typeof members)[number] = { running: undefined, starting: Promise.resolve() };
      members.push(place);
      const begin = async (): Promise<void> => {
        const starting = start();
        place.starting = starting.catch(() => undefined);
        const running = await starting;
        place.running = running;
        void running.exited.then(({ code, signal }) =>
          again(signal === null ? `code ${code}` : `signal ${signal}`),
        );
      };
      const again = async (how: string): Promise<void> => {
        if (stopping) return;
        place.running = undefined;
        died(name, how);
        const decision = afterDeath(deaths, performance.now());
        deaths = decision.deaths;
        if (!decision.restart) return gaveUp(name);
        await wait(BREATH_MS);
        if (stopping) return;
        await begin().catch((error: unknown) =>
          again(error instanceof Error ? error.message : String(error)),
        );
      };
      await begin();
    },
    adopt(running) {
      members.push({ running, starting: Promise.resolve() });
    },
    async stop() {
      stopping = true;
      let killed = 0;
      for (const member of members.reverse()) {
        await member.starting;
        killed += (await member.running?.stop())?.length ?? 0;
      }
      return killed;
    },
  };
}
