import express, { type Express, type Request, type RequestHandler } from 'express';
import { CENTRE_ACCESS, centreContract, type CentreMethod } from '../../contracts/centre.ts';
import type { Id } from '../../contracts/ids.ts';
import { fail, type Result } from '../../contracts/result.ts';
import type { Device } from '../registry/workstations.ts';
import { answer, localsOf } from './answer.ts';
import type { methodLimits } from './limits.ts';
import { deviceHandlers, openHandlers, type MethodDeps } from './methods.ts';

export type RouteDeps = MethodDeps & {
  readonly findDevice: (deviceId: Id) => Promise<Device | undefined>;
};

/** Bodies larger than this are refused before they are read: batches of journal entries, and everything else. */
const BODY_LIMITS: Partial<Record<CentreMethod, number>> = { 'journal.push': 16 * 1024 * 1024 };
const BODY_LIMIT = 256 * 1024;

/**
 * One route per method of the contract. Access first, then limits, then the body: nobody unknown gets a large body
 * parsed.
 */
export function contractRoutes(app: Express, deps: RouteDeps, limits: ReturnType<typeof methodLimits>): void {
  // A handler is looked up by the same key as the schema that parses its input.
  type Handler = (input: unknown, device: Device | undefined) => Promise<Result<unknown>>;
  const handlers = { ...openHandlers(deps), ...deviceHandlers(deps) } as unknown as Readonly<
    Record<CentreMethod, Handler>
  >;
  for (const method of Object.keys(centreContract) as CentreMethod[]) {
    // the contract's own keys
    const limit = limits(method);
    const parse = express.json({
      limit: BODY_LIMITS[method] ?? BODY_LIMIT,
      strict: true,
      inflate: false,
      type: () => true,
    });
    app.post(
      `/v1/${method}`,
      access(method, deps),
      ...(limit ? [limit] : []),
      parse,
      async (request, response) => {
        const parsed = centreContract[method].input.safeParse(request.body);
        if (parsed.success)
          return answer(response, await handlers[method](parsed.data, localsOf(response).device));
        const [issue] = parsed.error.issues;
        const reason = issue ? `${issue.path.join('.')}: ${issue.message}`.slice(0, 300) : 'not an input';
        return answer(response, fail('inputInvalid', { reason }));
      },
    );
  }
}

/** Lets open methods pass, and those of a device with its token while it is not quarantined. */
function access(method: CentreMethod, deps: RouteDeps): RequestHandler {
  if (CENTRE_ACCESS[method] === 'open') return (_request, _response, next) => next();
  return async (request, response, next) => {
    const device = await callingDevice(deps, request);
    if (!device) return answer(response, fail('unauthorised'));
    localsOf(response).device = device;
    if (device.status !== 'active') return answer(response, fail('deviceQuarantined'));
    next();
  };
}

async function callingDevice(
  { tokens, findDevice }: RouteDeps,
  request: Request,
): Promise<Device | undefined> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.get('authorization') ?? '')?.[1];
  const deviceId = token === undefined ? undefined : await tokens.deviceOf(token);
  return deviceId === undefined ? undefined : findDevice(deviceId);
}
