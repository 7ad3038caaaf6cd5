import { wasKilled, type Running } from '../../../main/demo/processes.ts';
import { logInWhenLet } from '../../../main/demo/day/teller.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import type { Diary, Step } from './script.ts';

/** Nobody restarts a workstation more often in one script: it would go round in circles. */
const CUTS_MAX = 100;

export type Lives = {
  /** The environment of the n-th process, from 0. */
  env(life: number): Readonly<Record<string, string>>;
  /** Told of each process once it serves, for whoever kills it from outside. */
  begun?(running: Running, life: number): void;
};

/**
 * Goes through a script on a workstation whose power fails, from a fresh start: after each cut it is started again,
 * whoever was there logs in again, and the step that was under way is repeated. Answers the number of cuts.
 */
export async function goThrough(diary: Diary, script: readonly Step[], lives: Lives): Promise<number> {
  const { station } = diary.counter;
  let cuts = 0;
  const begin = async (): Promise<void> => {
    await station.start(lives.env(cuts));
    lives.begun?.(station.running(), cuts);
  };
  await station.stop();
  await begin();
  let absent = diary.user !== null;
  for (const step of script) {
    for (let done = false; !done;) {
      const running = station.running();
      // Bound to this process: what is left of an interrupted step cannot reach the next one.
      const client = station.ask();
      try {
        await Promise.race([
          (async () => {
            if (absent && diary.user !== null) await logInWhenLet(() => client, diary.user, PASSWORD);
            absent = false;
            await step.run(() => client);
          })(),
          running.exited.then(() => Promise.reject(new Error('the power failed'))),
        ]);
        done = true;
      } catch (error) {
        if (!(await wasKilled(running)))
          throw new Error(`${diary.counter.code}, ${step.what}`, { cause: error });
        cuts += 1;
        if (cuts > CUTS_MAX) throw new Error(`${step.what}: no end of power cuts`, { cause: error });
        await begin();
        absent = true;
      }
    }
  }
  return cuts;
}

/** Goes through a script on a workstation that runs, and whose power does not fail. */
export async function goOn({ counter }: Diary, script: readonly Step[]): Promise<void> {
  for (const step of script) await step.run(counter.station.ask);
}
