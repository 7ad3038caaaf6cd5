import { NONCE_SECONDS, type MeterCardCentreMethod } from '../../contracts/centre-meter-card.ts';
import { ok } from '../../contracts/result.ts';
import { authoriseLoad } from '../vending/authorise.ts';
import { toBase64url } from '../vending/bytes.ts';
import { cancelLoad, writeOffLoad } from '../vending/cancel.ts';
import { confirmByCard } from '../vending/confirm.ts';
import { healthBoard } from '../vending/health.ts';
import { listLoads } from '../vending/list.ts';
import { issueNonce } from '../vending/nonces.ts';
import { quoteLoad } from '../vending/quote.ts';
import { readCard, type Vending } from '../vending/read-card.ts';
import type { DeviceHandlers } from './methods.ts';

/** The methods of meter cards and their loads. */
export const meterCardHandlers = (vending: Vending): Pick<DeviceHandlers, MeterCardCentreMethod> => ({
  'meterCard.nonce': async (_, device) =>
    ok({
      nonce: toBase64url(await issueNonce(vending.database.pool, device.deviceId)),
      validForSeconds: NONCE_SECONDS,
    }),
  'meterCard.read': (input, device) => readCard(vending, device, input),
  'load.quote': (input, device) => quoteLoad(vending, device, input),
  'load.authorise': (input, device) => authoriseLoad(vending, device, input),
  'load.confirm': (input, device) => confirmByCard(vending, device, input),
  'load.cancel': (input, device) => cancelLoad(vending, device, input),
  'load.writeOff': (input, device) => writeOffLoad(vending, device, input),
  'load.list': async (filter, device) =>
    ok({ loads: await listLoads(vending.database.pool, filter, device.participantId) }),
  'health.board': async () => ok({ parts: await healthBoard(vending) }),
});
