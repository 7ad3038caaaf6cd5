import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { CentreMethod } from '../../contracts/centre.ts';

/** So many calls per minute from one address (open methods) or one device. */
export type RateLimits = Partial<Readonly<Record<CentreMethod, number>>>;

/**
 * Guessing codes and passwords is what these stop, walking through all subscribers, using up registration codes, and trying MACs; a
 * workstation at work stays far below.
 */
export const RATE_LIMITS: RateLimits = {
  'device.enrol': 10,
  'device.challenge': 120,
  'device.session': 120,
  'receipts.verify': 120,
  'auth.login': 60,
  'subscriber.fetch': 300,
  'codes.lease': 30,
  // A proof has 64 bits: these keep a broken till from taking the centre's time.
  'meterCard.nonce': 3000,
  'meterCard.read': 1200,
  'load.authorise': 600,
  'load.cancel': 60,
  'load.writeOff': 60,
  'health.board': 120,
};

const WINDOW_MS = 60_000;

/** Who is counted: the device that calls, else the address it calls from. */
export type CallerOf = (request: Request, response: Response) => string | undefined;

/** One limiter per limited method; `refuse` answers with the seconds to wait. */
export function methodLimits(
  limits: RateLimits,
  callerOf: CallerOf,
  refuse: (response: Response, seconds: number) => void,
): (method: CentreMethod) => RequestHandler | undefined {
  const handlers = new Map(
    Object.entries(limits).map(([method, limit]) => [
      method,
      rateLimit({
        windowMs: WINDOW_MS,
        limit,
        legacyHeaders: false,
        keyGenerator: (request, response) => callerOf(request, response) ?? ipKeyGenerator(request.ip ?? ''),
        handler: (_, response) =>
          refuse(response, Math.max(1, Number(response.getHeader('retry-after') ?? WINDOW_MS / 1000))),
      }),
    ]),
  );
  return (method) => handlers.get(method);
}
