import type { Language } from '../../contracts/domain.ts';
import { formatBaku, type Instant } from '../../contracts/time.ts';

/** Frames between us and the terminal as a text file, for whoever helps from afar. Card numbers were masked at the edge. */

export type Frame = {
  readonly direction: 'toTerminal' | 'fromTerminal';
  readonly atMs: number;
  readonly hex: string;
};

export type FramesFile = {
  readonly language: Language;
  readonly workstation: string;
  /** What stands at the counter and where, without its password: `zvtTcp 127.0.0.1:20007`. */
  readonly terminal: string;
  readonly madeAt: Instant;
  readonly madeBy: string;
  /** What was asked for. */
  readonly of: { readonly attemptId: string } | { readonly minutes: number };
  /** The frames asked for, oldest first. */
  readonly frames: readonly Frame[];
  /** Whether older ones were asked for that are not kept any more. */
  readonly cutOff: boolean;
};

type Texts = {
  readonly title: string;
  readonly workstation: string;
  readonly terminal: string;
  readonly made: (at: string, by: string) => string;
  readonly attempt: (id: string) => string;
  readonly minutes: (minutes: number) => string;
  readonly frames: (count: number) => string;
  readonly cutOff: string;
  readonly masked: string;
  readonly reading: string;
};

const TEXTS: Readonly<Record<Language, Texts>> = {
  az: {
    title: 'POS terminalla yazışma, dəstək üçün',
    workstation: 'İş yeri',
    terminal: 'Terminal',
    made: (at, by) => `${at} tarixində yazılıb: ${by}`,
    attempt: (id) => `Kart cəhdi ${id}`,
    minutes: (minutes) => `Son ${minutes} dəqiqə`,
    frames: (count) => `Mesajlar: ${count}`,
    cutOff: 'Daha əvvəlki mesajlar artıq saxlanmayıb.',
    masked:
      'Kart nömrələri, maqnit zolağı və terminalın parolu gizlədilib: kartın ilk altı və son dörd rəqəmindən artığı yoxdur.',
    reading:
      'Hər sətir: vaxt (UTC), istiqamət (> terminala, < terminaldan), baytlar onaltılıq. E gizlədilmiş rəqəmdir.',
  },
  en: {
    title: 'Frames between till and POS terminal, for support',
    workstation: 'Workstation',
    terminal: 'Terminal',
    made: (at, by) => `Written ${at}: ${by}`,
    attempt: (id) => `Card attempt ${id}`,
    minutes: (minutes) => `The last ${minutes} minutes`,
    frames: (count) => `Messages: ${count}`,
    cutOff: 'Earlier messages are no longer kept.',
    masked:
      'Card numbers, tracks and the terminal’s password are masked: no more than the first six and last four digits of a card are here.',
    reading:
      'Each line: time (UTC), direction (> to the terminal, < from it), the bytes in hexadecimal. E is a masked digit.',
  },
  ru: {
    title: 'Обмен с POS-терминалом, для поддержки',
    workstation: 'Рабочее место',
    terminal: 'Терминал',
    made: (at, by) => `Записано ${at}: ${by}`,
    attempt: (id) => `Операция по карте ${id}`,
    minutes: (minutes) => `Последние минуты: ${minutes}`,
    frames: (count) => `Сообщений: ${count}`,
    cutOff: 'Более ранние сообщения уже не хранятся.',
    masked:
      'Номера карт, дорожки и пароль терминала скрыты: не более первых шести и последних четырёх цифр карты.',
    reading:
      'Строка: время (UTC), направление (> терминалу, < от терминала), байты в шестнадцатеричном виде. E — скрытая цифра.',
  },
};

/** The file's text: what it is, then a line for each frame. */
export function framesText(file: FramesFile): string {
  const texts = TEXTS[file.language];
  const head = [
    `KÖMİS · ${texts.title}`,
    `${texts.workstation}: ${file.workstation}`,
    `${texts.terminal}: ${file.terminal}`,
    texts.made(formatBaku(file.madeAt), file.madeBy),
    'attemptId' in file.of ? texts.attempt(file.of.attemptId) : texts.minutes(file.of.minutes),
    texts.frames(file.frames.length),
    ...(file.cutOff ? [texts.cutOff] : []),
    texts.masked,
    texts.reading,
  ].map((line) => `# ${line}`);
  const body = file.frames.map(
    ({ atMs, direction, hex }) =>
      `${new Date(atMs).toISOString()} ${direction === 'toTerminal' ? '>' : '<'} ${hex}`,
  );
  return `${[...head, ...body].join('\n')}\n`;
}

/** `komis-terminal-WS07-20261127-083502.txt`: workstation and moment (UTC). */
export const framesFileName = (workstation: string, madeAt: Instant): string =>
  `komis-terminal-${workstation}-${madeAt.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.txt`;
