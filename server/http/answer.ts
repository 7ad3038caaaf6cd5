import type { Response } from 'express';
import type { Failure, Result } from '../../contracts/result.ts';
import type { Device } from '../registry/workstations.ts';
import { statusOf } from './status.ts';

/** What a request carries from one step to the next. */
export type Locals = { requestId: string; device?: Device; failure?: Failure };

/** The locals of a response, by their type. */
export const localsOf = (response: Response): Locals => response.locals as Locals; // Express knows them as any

/** Sends a result the way every method does: the value, or `{error: {code, detail}}` with its status. */
export function answer(response: Response, result: Result<unknown>): void {
  if (result.ok) {
    response.json(result.value);
    return;
  }
  localsOf(response).failure = result.error;
  if (result.error.code === 'tooManyRequests') {
    response.setHeader('retry-after', String(result.error.detail?.['seconds'] ?? 1));
  }
  response.status(statusOf(result.error.code)).json({ error: result.error });
}
