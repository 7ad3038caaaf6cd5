import { fork } from 'node:child_process';
import { join } from 'node:path';

/** What a scripted card answers: the first rule whose `to` begins the command; 6D00 when there is none. Hex letters. */
export type CardScript = {
  readonly atr: string;
  readonly rules: readonly CardRule[];
};

export type CardRule = {
  readonly to: string;
  readonly answer?: string;
  readonly afterMs?: number;
  /** In place of an answer: says nothing for ever, or is pulled out. */
  readonly act?: 'mute' | 'pull';
};

/** What a card's process tells its parent. */
export type FromScriptedCard =
  | { readonly kind: 'in' }
  | { readonly kind: 'power'; readonly power: 'off' | 'on' | 'reset' }
  | { readonly kind: 'command'; readonly hex: string };

export type CardInReader = {
  /** Commands that came, and `power on`, `power off` and `power reset`, in their order. */
  came(): readonly string[];
  /** Until a command that begins so, or such a word about power, has come. */
  until(beginning: string): Promise<void>;
  /** Takes it out. Also when it is out already. */
  pull(): Promise<void>;
  readonly isOut: Promise<void>;
};

/** A card of T=1 that answers what reverses nothing. */
export const PLAIN_CARD: CardScript = {
  atr: '3b80800101',
  rules: [{ to: '00a4', answer: '9000' }],
};

/** Puts a scripted card into a virtual reader: resolves when it is in. Its process ends with ours at the latest. */
export async function insertCard(port: number, script: CardScript = PLAIN_CARD): Promise<CardInReader> {
  const child = fork(join(import.meta.dirname, 'scripted-card.ts'), [JSON.stringify(script), String(port)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const came: string[] = [];
  const isOut = new Promise<void>((done) => child.once('exit', () => done()));
  const isIn = new Promise<boolean>((done) => {
    child.on('message', (message: FromScriptedCard) => {
      if (message.kind === 'in') return done(true);
      came.push(message.kind === 'command' ? message.hex : `power ${message.power}`);
      child.emit('came');
    });
    void isOut.then(() => done(false));
  });
  if (!(await isIn)) throw new Error(`no reader takes a card on port ${port}`);

  return {
    came: () => came,
    isOut,
    until: (beginning) =>
      new Promise((done, failed) => {
        const look = (): void => {
          if (!came.some((one) => one.startsWith(beginning))) return;
          child.off('came', look);
          done();
        };
        child.on('came', look);
        void isOut.then(() =>
          failed(new Error(`the card went before ${beginning} came: ${came.join(', ')}`)),
        );
        look();
      }),
    async pull() {
      if (child.connected) child.send('pull', () => undefined);
      await isOut;
    },
  };
}
