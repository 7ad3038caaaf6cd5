/** A process that is to be killed: starts a daemon of its own and says its id. Arguments: the paths of pcscd and vpcd. */
import { pcscdFor } from './pcscd.ts';

const [pcscd = '', vpcd = ''] = process.argv.slice(2);

const daemon = await pcscdFor(
  {
    skip: (note) => {
      throw new Error(note);
    },
    onTestFinished: () => undefined,
  },
  (_context, program) => (program === 'pcscd' ? pcscd : vpcd),
);
await daemon.start();
process.stdout.write(`${daemon.pid()}\n`);
