import { uuidv7, type Id } from '../../../contracts/ids.ts';

/** An id for something that happens in this window: a shift opened, a storno, a registration. */
export const newId = (): Id => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
