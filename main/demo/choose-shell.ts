/** Which shell `npm start` opens, and why, in one line. */
export type ShellChoice = {
  readonly shell: 'electron' | 'browser';
  readonly why: string;
};

export type Surroundings = {
  /** `--shell`. */
  readonly asked: 'electron' | 'browser' | null;
  /** False with `--no-open`: nothing is shown, so nothing is needed to show it. */
  readonly open: boolean;
  readonly display: boolean;
  /** Electron's program, when it is on this machine. */
  readonly binary: string | null;
  /** Why it could not be installed; null when that was not tried. */
  readonly installFailure: string | null;
};

/** Whether it is worth trying to install Electron's program: somebody could look at its window. */
export const worthInstalling = ({
  asked,
  open,
  display,
  binary,
}: Omit<Surroundings, 'installFailure'>): boolean =>
  binary === null && asked !== 'browser' && ((open && display) || asked === 'electron');

/** Decides. An explicit wish for Electron that cannot be met is told, and the browser serves instead. */
export function chooseShell({ asked, open, display, binary, installFailure }: Surroundings): ShellChoice {
  if (asked === 'browser') return { shell: 'browser', why: 'as asked with --shell browser' };
  if (!open && asked !== 'electron')
    return { shell: 'browser', why: 'no window is opened (--no-open), and the browser can come later' };
  if (!display && asked !== 'electron')
    return { shell: 'browser', why: 'this machine has no display for an Electron window' };
  if (binary === null) {
    const reason = installFailure === null ? '' : ` and could not be installed (${installFailure})`;
    return { shell: 'browser', why: `Electron’s program is not here${reason}` };
  }
  return {
    shell: 'electron',
    why: asked === 'electron' ? 'as asked with --shell electron' : 'Electron and a display are here',
  };
}
