/**
 * node scripts/run.mjs FILE.ts [arguments]: sets up what is missing, then runs the file under Node 24. The way in for
 * every npm command. It runs under any Node from 20 on and never runs the file itself: an older Node crashes in the
 * native modules.
 */
import { resolve } from 'node:path';
import { runNode24 } from './node24.mjs';
import { ensureSetUp, root, SetUpError } from './set-up.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('komis: usage: node scripts/run.mjs FILE.ts [arguments]\n');
  process.exit(2);
}
try {
  await ensureSetUp();
  process.exitCode = await runNode24([resolve(root, file), ...args]);
} catch (error) {
  process.stderr.write(`komis: ${error instanceof SetUpError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
