/**
 * A process of its own that appends payments to a journal: `path deviceId count [killAt]`, the private key (PEM) in
 * KEY_PEM. After each answered append it prints the entry's number. With `killAt` it kills itself (−9) between making
 * that entry durable and answering it. What it cannot do it prints as JSON and ends.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openJournal } from '../journal.ts';
import { journalOptions, mintId, payment, signWith } from './fixtures.ts';

const [path = '', deviceId = '', count = '0', killAt = '0'] = process.argv.slice(2);
const privateKey = createPrivateKey(process.env['KEY_PEM'] ?? '');
const { x } = createPublicKey(privateKey).export({ format: 'jwk' });

const say = (line: string): void => void writeSync(1, `${line}\n`);

const journal = openJournal({
  ...journalOptions(path, { deviceId, publicKey: x ?? '', pem: '', signer: signWith(privateKey) }),
  holder: 'child',
  afterAppend: (seq) => {
    if (seq === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
});
if (!journal.ok) {
  say(JSON.stringify(journal.error));
} else {
  say('open');
  for (let n = 0; n < Number(count); n++) {
    const appended = journal.value.append(mintId(), 'payment.accepted', payment(100 + n));
    say(appended.ok ? String(appended.value.seq) : JSON.stringify(appended.error));
    if (!appended.ok) break;
  }
  // It goes on holding the journal until it is killed or its input ends.
  process.stdin.on('end', () => journal.value.close()).resume();
}
