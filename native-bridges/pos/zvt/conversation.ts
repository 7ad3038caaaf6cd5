import type { LiveCode, PosReason, PosResult } from '../../../contracts/pos.ts';
import type { Qepik } from '../../../contracts/money.ts';
import type { DriverMachine } from '../driver.ts';
import { decodeApdu, encodeApdu } from './apdu.ts';
import {
  beginDialogue,
  dialogueStep,
  isStoredBefore,
  type DialogueEffect,
  type DialogueEnd,
  type DialogueInput,
  type DialogueState,
  type DialogueTimer,
} from './dialogue.ts';
import type { SendOutcome, ZvtLink } from './link.ts';
import type { EcrCommand, Message } from './message.ts';
import type { Papers } from './papers.ts';
import { maskText, type Charset } from './text.ts';

/** What a command that moves money needs beside itself. */
export type Money = {
  readonly asked: Qepik;
  readonly hold: (result: PosResult, papers: Papers) => Promise<boolean>;
};

export type ConversationMachine = Pick<DriverMachine, 'after' | 'nowMs' | 'log'>;

export type ConversationEvents = {
  /** `fromTerminal` APDUs are recorded by whoever hands them in. */
  readonly sent: (apdu: Uint8Array) => void;
  readonly live: (code: LiveCode, text: string | null) => void;
  /** The approval that is stored and whose yes may not have been heard (`approvalKey`); its repetition is said yes to. */
  readonly storedBefore: () => string | null;
};

/** Talks to one terminal over one link, one command at a time. */
export type Conversation = {
  /** Ends when the terminal gives mastery back, or when it is lost. Never repeats the command. */
  run(command: EcrCommand, money?: Money): Promise<DialogueEnd>;
  /** An APDU of the terminal. */
  heard(apdu: Uint8Array): void;
  abort(): Promise<'asked' | 'tooLate' | 'idle'>;
  down(reason: PosReason): void;
  setCharset(charset: Charset): void;
};

type Running = {
  readonly command: EcrCommand;
  readonly hold: Money['hold'] | null;
  readonly timers: Map<DialogueTimer, () => void>;
  readonly aborts: ((answer: 'asked' | 'tooLate') => void)[];
  readonly done: (end: DialogueEnd) => void;
  state: DialogueState;
};

/** The effects of `dialogueStep`, carried out. */
export function startConversation(
  link: ZvtLink,
  machine: ConversationMachine,
  events: ConversationEvents,
): Conversation {
  let charset: Charset = 'cp437';
  let running: Running | null = null;

  const encoded = (message: Message): Uint8Array => encodeApdu(message, { charset });

  function put(apdu: Uint8Array): Promise<SendOutcome> {
    events.sent(apdu);
    return link.send(apdu);
  }

  const year = (): number => new Date(machine.nowMs()).getFullYear();

  function step(of: Running, input: DialogueInput): void {
    if (running !== of) return;
    const { state, effects } = dialogueStep(of.state, input);
    of.state = state;
    for (const effect of effects) carryOut(of, effect);
  }

  function carryOut(of: Running, effect: DialogueEffect): void {
    switch (effect.kind) {
      case 'answer':
        void put(encoded(effect.reply)).then((outcome) => step(of, { kind: 'answered', outcome }));
        return;
      case 'sendAbort':
        // Only a wish; a line that lost it is noticed by what comes next.
        void put(encoded({ name: 'abort' }));
        return;
      case 'arm': {
        const { timer } = effect;
        of.timers.get(timer)?.();
        of.timers.set(
          timer,
          machine.after(effect.ms, () => step(of, { kind: 'elapsed', timer })),
        );
        return;
      }
      case 'disarm':
        of.timers.get(effect.timer)?.();
        of.timers.delete(effect.timer);
        return;
      case 'hold':
        void store(of, effect.key, effect.result, effect.papers);
        return;
      case 'live':
        events.live(effect.code, effect.text);
        return;
      case 'abortAnswered':
        for (const answered of of.aborts.splice(0)) answered(effect.answer);
        return;
      case 'over':
        running = null;
        if (effect.end.doubts.length > 0) {
          const doubts = maskText(effect.end.doubts.join('; ')).slice(0, 300);
          machine.log('warn', 'pos.zvt.doubts', { command: of.command.name, doubts });
        }
        of.done(effect.end);
        return;
    }
  }

  async function store(of: Running, key: string, result: PosResult, papers: Papers): Promise<void> {
    let stored = false;
    try {
      stored = of.hold !== null && (await of.hold(result, papers));
    } catch (error) {
      machine.log('error', 'pos.zvt.notStored', { error: String(error) });
    }
    step(of, { kind: 'held', key, stored });
  }

  return {
    run(command, money) {
      if (running !== null) return Promise.reject(new Error('one command at a time'));
      const apdu = encoded(command);
      const completes = command.name !== 'abort' && command.name !== 'logOff';
      return new Promise((done) => {
        const of: Running = {
          command,
          hold: money?.hold ?? null,
          timers: new Map(),
          aborts: [],
          done,
          state: beginDialogue(money?.asked ?? null, year(), events.storedBefore(), completes),
        };
        running = of;
        void put(apdu).then((outcome) => step(of, { kind: 'sent', outcome }));
      });
    },
    heard(apdu) {
      const code = ((apdu[0] ?? 0) << 8) | (apdu[1] ?? 0);
      if (running === null) {
        leftOver(apdu, code);
        return;
      }
      const of = running;
      const decoded = decodeApdu(apdu, { pending: of.command.name, charset });
      step(of, { kind: 'heard', decoded, code });
    },
    abort() {
      const of = running;
      if (of === null) return Promise.resolve('idle');
      return new Promise((done) => {
        of.aborts.push(done);
        step(of, { kind: 'abortWanted' });
      });
    },
    down(reason) {
      if (running !== null) step(running, { kind: 'down', reason });
    },
    setCharset(to) {
      charset = to;
    },
  };

  /** Nothing is asked, yet the terminal speaks: the rest of an earlier dialogue. */
  function leftOver(apdu: Uint8Array, code: number): void {
    if (code >> 8 === 0x80 || code >> 8 === 0x84) return;
    const decoded = decodeApdu(apdu, { pending: null, charset });
    const approves = code === 0x040f && !isStoredBefore(decoded, events.storedBefore(), year());
    void put(encoded(approves ? { name: 'negative', error: 0x66 } : { name: 'positive' }));
  }
}
