import type { PortGiven, PortWanted } from '../contracts/shell.ts';

/** The page's side: messages it posts to itself, and the way to post one back with a port. */
export type PageSide<Port> = {
  onMessage(listen: (data: unknown, fromThisPage: boolean) => void): void;
  post(message: PortGiven, port: Port): void;
};

/** The program's side: asking for a line, and the lines it gives. */
export type ProgramSide<Port> = {
  askForPort(): void;
  onPort(listen: (port: Port | undefined) => void): void;
};

const WANTED: PortWanted['kind'] = 'ipw.portWanted';

/**
 * Passes the page's wish for a line to the program, and the port that comes back to the page. Nothing else crosses: the
 * page gets no function, no object and no channel name of Electron's.
 */
export function keepLine<Port>(page: PageSide<Port>, program: ProgramSide<Port>): void {
  page.onMessage((data, fromThisPage) => {
    if (fromThisPage && isPortWanted(data)) program.askForPort();
  });
  program.onPort((port) => {
    if (port !== undefined) page.post({ kind: 'ipw.portGiven' }, port);
  });
}

const isPortWanted = (data: unknown): data is PortWanted =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === WANTED;
