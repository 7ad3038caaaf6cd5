import { expect, test, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { insertCard } from '../testing/card-in-reader.ts';
import { pcscdFor, type Pcscd } from '../testing/pcscd.ts';
import { bytes, failure, hexOf, transportTo, untilCard, untilSeen, value } from '../testing/stage.ts';

const SELECT = bytes('00a40400');
const SOON = { deadlineMs: 20_000 };

async function startedPcscd(context: TestContext): Promise<Pcscd> {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  return daemon;
}

test('a card put in and taken out is seen, in its reader and no other', async (context) => {
  const daemon = await startedPcscd(context);
  const { transport } = transportTo(daemon, context);
  const [first, second] = daemon.readers;
  const start = await untilSeen(transport, ({ service }) => service.state === 'running');
  expect(start.readers.map(({ name, card, held }) => ({ name, card, held }))).toEqual(
    daemon.readers.map(({ name }) => ({ name, card: 'absent', held: 'free' })),
  );

  const card = await insertCard(second.port);
  const present = await untilCard(transport, second.name, 'present');
  expect(hexOf(present.atr)).toBe('3b80800101');
  expect(transport.readers().find(({ name }) => name === first.name)?.card).toBe('absent');

  await card.pull();
  const absent = await untilCard(transport, second.name, 'absent');
  expect(absent.atr).toHaveLength(0);
  expect(absent.insertion).toBe(0);

  await insertCard(second.port);
  const again = await untilCard(transport, second.name, 'present');
  expect(again.insertion).not.toBe(present.insertion);
});

test('commands are answered as the card answers them', async (context) => {
  const daemon = await startedPcscd(context);
  const { transport } = transportTo(daemon, context);
  const [{ name, port }] = daemon.readers;
  const card = await insertCard(port, {
    atr: '3b80800101',
    rules: [
      { to: '00a4', answer: '6f009000' },
      { to: '00b0', answer: `${'ab'.repeat(256)}9000` },
      { to: '00b1', answer: '6282' },
    ],
  });
  await untilCard(transport, name, 'present');
  const connection = value(await transport.connect(name, { exclusive: true }));
  expect(hexOf(connection.atr())).toBe('3b80800101');
  expect(hexOf(value(await connection.transmit(SELECT, SOON)))).toBe('6f009000');
  const three = await Promise.all(
    ['00b0000000', '00b1000000', '8000000000'].map((hex) => connection.transmit(bytes(hex), SOON)),
  );
  expect(three.map((one) => hexOf(value(one)))).toEqual([`${'ab'.repeat(256)}9000`, '6282', '6d00']);
  expect(card.came().filter((one) => !one.startsWith('power'))).toEqual([
    '00a40400',
    '00b0000000',
    '00b1000000',
    '8000000000',
  ]);
  await connection.close('unpower');
  expect(failure(await connection.transmit(SELECT, SOON))).toMatchObject({
    code: 'closed',
    cardStateUnknown: false,
  });
});
