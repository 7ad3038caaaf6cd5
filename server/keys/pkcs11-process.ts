/**
 * The process that talks to a PKCS #11 token (pkcs11-store.ts starts it). A maker's library may block, leak or crash: it does so
 * here. One question at a time; the first message says where the token is. No answer and no error text holds a key or the PIN.
 */
import { readFileSync } from 'node:fs';
import type { TokenAnswer, TokenQuestion, TokenStart } from './pkcs11-store.ts';
import { CryptokiError, PIN_REFUSED } from './cryptoki.ts';
import { openToken, TokenLacks, type Token } from './pkcs11-token.ts';

let start: TokenStart | undefined;
let token: Token | undefined;

/** A PIN the token said no to is not tried again: a few tries lock a token for good. Another PIN in the file is. */
let refusedPin: string | undefined;

function open({ library, label, pinFile }: TokenStart): Token {
  const pin = readFileSync(pinFile, 'utf8').trim();
  if (pin === refusedPin) throw new Error('the token refused its PIN; it is not tried again');
  try {
    return openToken({ library, label, pin });
  } catch (error) {
    if (error instanceof CryptokiError && PIN_REFUSED.includes(error.code)) refusedPin = pin;
    throw error;
  }
}

function ask(held: Token, { ask: what }: TokenQuestion): TokenAnswer['value'] {
  switch (what.kind) {
    case 'mac':
      return held.mac(what.purpose, what.card, what.input);
    case 'psc':
      return held.psc(what.card);
    case 'masters':
      return held.masters();
    case 'generate':
      return held.generate(what.master);
    case 'take':
      return held.take(what.master, what.key);
  }
}

/** Tried twice: a session or token that was lost in between is opened anew. */
function answer(place: TokenStart, question: TokenQuestion): TokenAnswer {
  let reason = '';
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      token ??= open(place);
      return { id: question.id, value: ask(token, question) };
    } catch (error) {
      reason = error instanceof Error ? error.message : 'the token does not answer';
      // What the token lacks it lacks with a new session too, unless somebody has just put it there.
      close();
      if (error instanceof TokenLacks && attempt > 0) break;
    }
  }
  return { id: question.id, away: reason };
}

function close(): void {
  const old = token;
  token = undefined;
  try {
    old?.close();
  } catch {
    // A library that was lost with its token cannot be put away in order; the next start makes a new one.
  }
}

process.on('message', (message: TokenStart | TokenQuestion) => {
  if ('library' in message) start = message;
  else if (start) process.send?.(answer(start, message));
});
process.on('disconnect', () => {
  close();
  process.exit(0);
});
