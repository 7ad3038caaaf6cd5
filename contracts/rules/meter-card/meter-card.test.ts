import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  IMAGE_BYTES,
  crc32,
  readHeader,
  readSlot,
  writeHeader,
  writeRecordBody,
  type MemoryHeader,
} from './memory-card.ts';
import { METER_AREA_BYTES, readMeterArea, writeMeterArea, type MeterArea } from './meter-area.ts';
import {
  ORDER_BYTES,
  STATUS_BYTES,
  readInitAnswer,
  readOrder,
  readStatus,
  s1MacInput,
  s2MacInput,
  s3MacInput,
  writeInitAnswer,
  writeOrder,
  writeStatus,
  type CardUnit,
} from './purse.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const unit = fc.constantFrom<CardUnit>('money', 'litres', 'wattHours');
const meter = fc.stringMatching(/^[A-Z0-9]{1,8}$/);
const area: fc.Arbitrary<MeterArea> = fc.record({
  known: fc.boolean(),
  tamper: fc.boolean(),
  batteryLow: fc.boolean(),
  shutOff: fc.boolean(),
  takenThrough: u32,
  remaining: u32,
  consumption: u32,
  lastTaken: u32,
  writtenAt: fc.option(fc.integer({ min: 1, max: 0xffffffff }).map((s) => (s + 946_684_800) * 1000)),
  meter,
});

test('a meter’s area is read as it was written', () => {
  fc.assert(
    fc.property(area, (one) => {
      const written = writeMeterArea(one);
      expect(written).toHaveLength(METER_AREA_BYTES);
      expect(readMeterArea(written, 0)).toEqual(one);
    }),
  );
});

test('a status is read as it was written', () => {
  const status = fc.record({
    cardId: bytes(8),
    keyRevision: fc.nat(255),
    unit,
    counter: u32,
    balance: u32,
    maximum: u32,
    last: fc.option(
      fc.record({ loadId: bytes(16).filter((id) => id.some((b) => b !== 0)), amount: u32, counter: u32 }),
    ),
    meter: area,
  });
  fc.assert(
    fc.property(status, (one) => {
      const written = writeStatus(one, writeMeterArea(one.meter));
      expect(written).toHaveLength(STATUS_BYTES);
      expect(readStatus(written)).toEqual(one);
    }),
  );
});

test('any bytes are read or refused, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
      for (const read of [readStatus, readOrder, readInitAnswer, readHeader]) read(any);
    }),
    { numRuns: 2000 },
  );
  expect(readStatus(new Uint8Array(STATUS_BYTES))).toBeNull(); // layout version 0
  expect(readOrder(new Uint8Array(ORDER_BYTES))).toBeNull(); // unit 0
});

test('order and answer of INIT LOAD are read as they were written; each MAC covers every field', () => {
  const order = fc.record({ amount: u32, unit, loadId: bytes(16), terminal: bytes(8), nonce: bytes(16) });
  const answer = fc.record({
    cardId: bytes(8),
    keyRevision: fc.nat(255),
    counter: u32,
    balance: u32,
    maximum: u32,
    takenThrough: u32,
    challenge: bytes(8),
  });
  fc.assert(
    fc.property(order, answer, (one, init) => {
      expect(readOrder(writeOrder(one))).toEqual(one);
      expect(readInitAnswer(writeInitAnswer(init))).toEqual(init);
      expect(s1MacInput(writeOrder(one), writeInitAnswer(init))).toHaveLength(1 + 45 + 33);
      expect(s2MacInput(init, one)).toHaveLength(1 + 8 + 4 + 8 + 4 + 1 + 16 + 8);
      expect(s3MacInput(init.cardId, init, one)).toHaveLength(1 + 8 + 4 + 4 + 16 + 4);
      const other = { ...one, amount: (one.amount + 1) % 0xffffffff };
      expect(s2MacInput(init, other)).not.toEqual(s2MacInput(init, one));
    }),
  );
});

test('a memory card’s header is read as it was written, and one wrong bit is not our card', () => {
  const header: fc.Arbitrary<MemoryHeader> = fc.record({
    cardId: bytes(8),
    company: fc.stringMatching(/^\d{3}$/),
    unit,
    keyRevision: fc.nat(255),
    meter,
  });
  fc.assert(
    fc.property(header, fc.nat(32 * 8 - 1), (one, bit) => {
      const image = new Uint8Array(IMAGE_BYTES).fill(0xff);
      image.set(writeHeader(one), 0x20);
      expect(readHeader(image)).toEqual(one);
      const at = 0x20 + (bit >> 3);
      image[at] = (image[at] ?? 0) ^ (1 << (bit & 7));
      expect(readHeader(image)).toBeNull();
    }),
  );
});

test('a record is read from its slot as it was written', () => {
  const record = fc.record({ sequence: u32, loadId: bytes(16), amount: u32, credit: u32 });
  fc.assert(
    fc.property(record, bytes(8), (one, mac) => {
      const image = new Uint8Array(IMAGE_BYTES);
      const body = writeRecordBody(one);
      image.set(body, 0x68);
      image.set(mac, 0x68 + 32);
      expect(readSlot(image, 'b')).toEqual({ record: one, body, mac });
    }),
  );
});

test('the CRC is the one of IEEE 802.3', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});
