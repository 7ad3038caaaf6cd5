import type { Command } from 'commander';
import { withSession, type Session } from './session.ts';

type Common = { readonly dataDir: string; readonly json: boolean };

/**
 * An action of a command: opens the session its options ask for. `arguments_` are the command's own, `options` its options
 * with the common ones.
 */
export const onCentre =
  <O extends object>(
    run: (session: Session, options: O & Common, ...arguments_: string[]) => Promise<void>,
  ) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command; // commander hands the command last, its options before it
    const options = command.optsWithGlobals<O & Common>();
    await withSession(options.dataDir, (session) => run(session, options, ...command.args));
  };
