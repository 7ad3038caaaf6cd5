import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { centreContract, CENTRE_ACCESS, type CentreMethod } from '../../contracts/centre.ts';
import { fail, type Failure, type Result } from '../../contracts/result.ts';
import type { Id } from '../../contracts/ids.ts';
import { verifyReceipt } from '../registry/receipts.ts';
import type { Device } from '../registry/workstations.ts';
import { methodLimits, type RateLimits } from './limits.ts';
import { deviceHandlers, openHandlers, type MethodDeps } from './methods.ts';
import { openApiDocument } from './openapi.ts';
import { pageLanguage, RECEIPT_CSS, receiptPage } from './receipt-page.ts';
import { statusOf } from './status.ts';

export type AppDeps = MethodDeps & {
  readonly log: Logger;
  readonly version: string;
  readonly rateLimits: RateLimits;
  readonly proxies: number;
  readonly findDevice: (deviceId: Id) => Promise<Device | undefined>;
};

/** Bodies larger than this are refused before they are read: batches of journal entries, and everything else. */
const BODY_LIMITS: Partial<Record<CentreMethod, number>> = { 'journal.push': 16 * 1024 * 1024 };
const BODY_LIMIT = 256 * 1024;

type Limits = ReturnType<typeof methodLimits>;
type Locals = { requestId: string; device?: Device; failure?: Failure };

const isMethod = (name: string): name is CentreMethod => Object.hasOwn(centreContract, name);

/** The centre's HTTP application: the contract, its document, health, and the receipt page. */
export function centreApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.proxies);
  app.set('query parser', 'simple');
  app.use(requestId, accessLog(deps.log));
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: POLICY },
      strictTransportSecurity: { maxAge: 31_536_000 },
    }),
  );
  const limits = methodLimits(
    deps.rateLimits,
    (_, response) => (response.locals as Locals).device?.deviceId,
    (response, seconds) => answer(response, fail('tooManyRequests', { seconds })),
  );
  app.post('/v1/:method', contractRoute(deps, limits));
  app.get('/health/live', (_, response) => void response.json({ live: true }));
  app.get('/health/ready', async (_, response) => {
    const ready = await isReady(deps);
    response.status(ready ? 200 : 503).json({ ready });
  });
  const document = openApiDocument(deps.version);
  app.get('/openapi.json', (_, response) => void response.json(document));
  docsPages(app);
  receiptPages(app, deps, limits);
  app.use((request, response) =>
    answer(response, fail('methodUnknown', { method: `${request.method} ${request.path}`.slice(0, 100) })),
  );
  app.use(lastResort(deps.log));
  return app;
}

const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  const id = given !== undefined && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
  (response.locals as Locals).requestId = id;
  response.setHeader('x-request-id', id);
  next();
};

/** One line per request: what, who, how it ended, how long. Never a body, header or token. */
const accessLog =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      const { requestId: id, device, failure } = response.locals as Locals;
      const fields = {
        requestId: id,
        method: request.method,
        // A receipt's code is as good as the receipt: it stays out of the log.
        path: request.path.startsWith('/q/') ? '/q/…' : request.path.slice(0, 100),
        status: response.statusCode,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ...(device ? { device: device.workstation.code } : {}),
        ...(failure ? { code: failure.code } : {}),
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      if (response.statusCode >= 500) log.error(fields, 'request');
      else if (failure) log.info(fields, 'request');
      else log.debug(fields, 'request');
    });
    next();
  };

/** Sends a result the way every method does. */
function answer(response: Response, result: Result<unknown>): void {
  if (result.ok) {
    response.json(result.value);
    return;
  }
  (response.locals as Locals).failure = result.error;
  if (result.error.code === 'tooManyRequests')
    response.setHeader('retry-after', String(result.error.detail?.['seconds'] ?? 1));
  response.status(statusOf(result.error.code)).json({ error: result.error });
}

/** Access first, then limits, then the body: nobody unknown gets a large body parsed. */
function contractRoute(deps: AppDeps, limits: Limits): RequestHandler<{ method: string }> {
  const open = openHandlers(deps);
  const ofDevice = deviceHandlers(deps);
  const parsers = new Map(
    (Object.keys(centreContract) as CentreMethod[]) // the contract's own keys
      .map((method) => [
        method,
        express.json({
          limit: BODY_LIMITS[method] ?? BODY_LIMIT,
          strict: true,
          inflate: false,
          type: () => true,
        }),
      ]),
  );
  return async (request, response, next) => {
    const method = request.params.method;
    if (!isMethod(method)) return answer(response, fail('methodUnknown', { method: method.slice(0, 100) }));
    let device: Device | undefined;
    if (CENTRE_ACCESS[method] === 'device') {
      device = await callingDevice(deps, request);
      if (!device) return answer(response, fail('unauthorised'));
      (response.locals as Locals).device = device;
      if (device.status !== 'active') return answer(response, fail('deviceQuarantined'));
    }
    const limit = limits(method);
    if (limit)
      limit(request, response, (failure?: unknown) => (failure === undefined ? proceed() : next(failure)));
    else proceed();

    function proceed(): void {
      parsers.get(method as CentreMethod)?.(request, response, (failure?: unknown) => {
        if (failure !== undefined) return next(failure);
        call(method as CentreMethod, device, request.body, open, ofDevice).then(
          (result) => answer(response, result),
          next,
        );
      });
    }
  };
}

async function call(
  method: CentreMethod,
  device: Device | undefined,
  body: unknown,
  open: ReturnType<typeof openHandlers>,
  ofDevice: ReturnType<typeof deviceHandlers>,
): Promise<Result<unknown>> {
  const parsed = centreContract[method].input.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail('inputInvalid', {
      reason: issue ? `${issue.path.join('.')}: ${issue.message}`.slice(0, 300) : 'not an input',
    });
  }
  // The handler is looked up by the same key as the schema that just parsed its input.
  type Handler = (input: unknown, device: Device | undefined) => Promise<Result<unknown>>;
  const handlers = { ...open, ...ofDevice } as unknown as Readonly<Record<CentreMethod, Handler>>;
  return handlers[method](parsed.data, device);
}

async function callingDevice({ tokens, findDevice }: AppDeps, request: Request): Promise<Device | undefined> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.get('authorization') ?? '')?.[1];
  const deviceId = token === undefined ? undefined : await tokens.deviceOf(token);
  return deviceId === undefined ? undefined : findDevice(deviceId);
}

async function isReady({ database, log }: AppDeps): Promise<boolean> {
  try {
    await database.pool.query('select from schema_migration limit 1');
    return true;
  } catch (error) {
    log.error({ err: error }, 'notReady');
    return false;
  }
}

/** The document of the interface, to be read in a browser. Everything comes from here; no script is inline. */
function docsPages(app: Express): void {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (_, response) => void response.type('html').send(DOCS_HTML));
  app.get('/docs/start.js', (_, response) => void response.type('js').send(DOCS_START));
  app.use('/docs/assets', express.static(assets, { index: false, maxAge: '1d' }));
}

const DOCS_HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>KÖMİS centre</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;
const DOCS_START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, supportedSubmitMethods: [] });\n`;

function receiptPages(app: Express, { database }: AppDeps, limits: Limits): void {
  app.get('/pages/receipt.css', (_, response) => {
    response.type('css').setHeader('cache-control', 'public, max-age=86400').send(RECEIPT_CSS);
  });
  const limit = limits('receipts.verify');
  app.get(
    '/q/:code',
    ...(limit ? [limit] : []),
    async (request: Request<{ code: string }>, response: Response) => {
      const receipt = await verifyReceipt(database.db, request.params.code.slice(0, 1000));
      const language = pageLanguage(request.query['lang'], request.get('accept-language') ?? '');
      response.status(receipt.genuine ? 200 : 404).setHeader('cache-control', 'no-store');
      response.type('html').send(receiptPage(receipt, language));
    },
  );
}

/** What body parsing refuses is the caller's; everything else is a bug of ours, told by its number only. */
const lastResort =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const kind = typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';
    if (kind === 'entity.too.large') return answer(response, fail('inputTooLarge'));
    const status =
      typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500)
      return answer(response, fail('inputInvalid', { reason: kind === '' ? 'request' : kind }));
    const { requestId: reference } = response.locals as Locals;
    log.error({ err: error, requestId: reference }, 'fault');
    answer(response, fail('internalFault', { reference }));
  };
