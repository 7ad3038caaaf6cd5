/** npm run -s komis -- <command>: the centre's command line. */
import { runKomis } from './program.ts';

process.exitCode = await runKomis(process.argv.slice(2));
