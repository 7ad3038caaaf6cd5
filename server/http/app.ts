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
import { fail } from '../../contracts/result.ts';
import { verifyReceipt } from '../registry/receipts.ts';
import { answer, localsOf } from './answer.ts';
import { contractRoutes, type RouteDeps } from './contract-routes.ts';
import { methodLimits, type RateLimits } from './limits.ts';
import { openApiDocument } from './openapi.ts';
import { pageLanguage, RECEIPT_CSS, receiptPage } from './receipt-page.ts';

export type AppDeps = RouteDeps & {
  readonly log: Logger;
  readonly version: string;
  readonly rateLimits: RateLimits;
  readonly proxies: number;
};

/** The centre's HTTP application: the contract, its document, health, and the receipt page. */
export function centreApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.proxies);
  app.set('query parser', 'simple');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use(requestId, accessLog(deps.log));
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: POLICY },
      strictTransportSecurity: { maxAge: 31_536_000 },
    }),
  );
  const limits = methodLimits(
    deps.rateLimits,
    (_, response) => localsOf(response).device?.deviceId,
    (response, seconds) => answer(response, fail('tooManyRequests', { seconds })),
  );
  contractRoutes(app, deps, limits);
  app.get('/health/live', (_, response) => void response.json({ live: true }));
  app.get('/health/ready', async (_, response) => {
    const ready = await isReady(deps);
    response.status(ready ? 200 : 503).json({ ready });
  });
  const document = openApiDocument(deps.version);
  app.get('/openapi.json', (_, response) => void response.json(document));
  docsPages(app);
  receiptPages(app, deps, limits);
  app.use((request, response) => answer(response, fail('methodUnknown', { method: asked(request) })));
  app.use(lastResort(deps.log));
  return app;
}

/** What was asked for, in words: a method's name, or an address. */
const asked = ({ method, path }: Request): string =>
  (method === 'POST' && path.startsWith('/v1/') ? path.slice('/v1/'.length) : `${method} ${path}`).slice(
    0,
    100,
  );

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
  localsOf(response).requestId = id;
  response.setHeader('x-request-id', id);
  next();
};

/** One line per request: what, who, how it ended, how long. Never a body, header or token. */
const accessLog =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      const { requestId: id, device, failure } = localsOf(response);
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

function receiptPages(app: Express, { database }: AppDeps, limits: ReturnType<typeof methodLimits>): void {
  app.get('/pages/receipt.css', (_, response) => {
    response.type('css').setHeader('cache-control', 'public, max-age=86400').send(RECEIPT_CSS);
  });
  const manat = createRequire(import.meta.url).resolve(
    '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf',
  );
  app.get('/pages/manat.ttf', (_, response) => response.sendFile(manat, { maxAge: '30d', immutable: true }));
  app.get('/favicon.ico', (_, response) => void response.status(204).end());
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
    const { requestId: reference } = localsOf(response);
    log.error({ err: error, requestId: reference }, 'fault');
    answer(response, fail('internalFault', { reference }));
  };
