import { fail, type Result } from '../../contracts/result.ts';
import type { CentrePort } from '../ports/centre.ts';
import type { MachinePort } from '../ports/machine.ts';

/**
 * What becomes of one request on its way: it passes; it is lost before it arrives; it is done but its answer is lost; it
 * waits; it arrives twice at once; or it passes and arrives once more much later, behind what was sent since.
 */
export type WireAct =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'cutAnswer' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'twice' }
  | { readonly kind: 'again'; readonly ms: number };

export type Wire = {
  /** Decides for each request; the default lets everything pass. */
  act: (method: string) => WireAct;
  /** False: the line is cut, nothing passes. */
  up: boolean;
};

const LOSS_NOTICED_MS = 200;

type Asked = (input: never) => Promise<Result<unknown>>;

/** The centre as a workstation reaches it: over a wire that does to requests and answers what the test says. */
export function overWire(
  centre: Omit<CentrePort, 'configured' | 'configure'>,
  machine: MachinePort,
  wire: Wire,
): CentrePort {
  let url: string | null = null;
  const wait = (ms: number): Promise<void> => new Promise((done) => void machine.after(ms, done));
  const lost = async (): Promise<Result<never>> => {
    await wait(LOSS_NOTICED_MS);
    return fail('connectionLost');
  };

  const through = async (method: string, ask: () => Promise<Result<unknown>>): Promise<Result<unknown>> => {
    if (!wire.up || url === null) return lost();
    const act = wire.act(method);
    switch (act.kind) {
      case 'pass':
        return ask();
      case 'drop':
        return lost();
      case 'cutAnswer':
        await ask();
        return lost();
      case 'delay':
        await wait(act.ms);
        return wire.up ? ask() : lost();
      case 'twice': {
        const first = ask();
        await ask();
        return first;
      }
      case 'again':
        machine.after(act.ms, () => void ask());
        return ask();
    }
  };

  const methods = Object.entries(centre).map(([method, ask]) => [
    method,
    // Each entry keeps the type it has in `centre`: only when it is asked changes.
    (input: never) => through(method, () => (ask as unknown as Asked)(input)),
  ]);
  return {
    ...(Object.fromEntries(methods) as Omit<CentrePort, 'configured' | 'configure'>),
    configured: () => url !== null,
    configure: (centreUrl) => {
      url = centreUrl;
    },
  };
}
