import { z } from 'zod';
import {
  CHIP_HEADER,
  HEADER_AT,
  IMAGE_BYTES,
  METER_AREA_AT,
  writeHeader,
} from '../../../contracts/rules/meter-card/memory-card.ts';
import { METER_AREA_BYTES, writeMeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import { bytesOf, hexOf } from '../bytes.ts';

/** What virtual cards and the meters they belong to keep, as it stands in the file. */

const hex = (bytes: number) =>
  z
    .string()
    .regex(/^([0-9A-F]{2})*$/)
    .length(bytes * 2);
const u32 = z.int().min(0).max(0xffffffff);
const company = z.string().regex(/^\d{3}$/);
const meterNumber = z.string().regex(/^[\x21-\x7e]{1,8}$/);
const unit = z.enum(['money', 'litres', 'wattHours']);
const keyRevision = z.int().min(0).max(255);
const cardKey = z.string().regex(/^[a-z0-9-]{1,40}$/);

export const purseSchema = z.object({
  kind: z.literal('purse'),
  protocol: z.enum(['t0', 't1']),
  cardId: hex(8),
  company,
  meter: meterNumber,
  unit,
  keyRevision,
  counter: u32,
  balance: u32,
  maximum: u32,
  last: z.object({ loadId: hex(16), amount: u32, counter: u32 }).nullable(),
  area: hex(METER_AREA_BYTES),
});
export type PurseState = z.infer<typeof purseSchema>;

export const memorySchema = z.object({
  kind: z.literal('memory'),
  image: hex(IMAGE_BYTES),
  /** The presentation counter. */
  tries: z.union([z.literal(7), z.literal(3), z.literal(1), z.literal(0)]),
  /** The reader puts the protection memory behind what it reads, as some models do. */
  protectionSent: z.boolean(),
});
export type MemoryState = z.infer<typeof memorySchema>;

export const foreignSchema = z.object({
  kind: z.literal('foreign'),
  atr: z
    .string()
    .regex(/^([0-9A-F]{2})*$/)
    .min(4)
    .max(66),
});
export type ForeignState = z.infer<typeof foreignSchema>;

const stateSchema = z.discriminatedUnion('kind', [purseSchema, memorySchema, foreignSchema]);
export type CardState = z.infer<typeof stateSchema>;

export const conditionsSchema = z.object({
  /** Never answers. */
  mute: z.boolean(),
  /** Writing fails. */
  worn: z.boolean(),
  /** Each answer takes this much longer, in milliseconds. */
  slowMs: z.int().min(0).max(600_000),
});
export type Conditions = z.infer<typeof conditionsSchema>;
const SOUND: Conditions = { mute: false, worn: false, slowMs: 0 };

export const cardSchema = z.object({
  key: cardKey,
  name: z.string().max(80),
  state: stateSchema,
  /** A copy made earlier, to roll the card back to. */
  kept: stateSchema.nullable(),
  conditions: conditionsSchema,
});
export type VirtualCard = z.infer<typeof cardSchema>;

export const meterSchema = z.object({
  takenThrough: u32,
  /** Memory cards: the sum of loads that was taken. */
  creditTaken: u32,
  remaining: u32,
  consumption: u32,
  lastTaken: u32,
  tamper: z.boolean(),
  batteryLow: z.boolean(),
  shutOff: z.boolean(),
});
export type Meter = z.infer<typeof meterSchema>;
export const NEW_METER: Meter = {
  takenThrough: 0,
  creditTaken: 0,
  remaining: 0,
  consumption: 0,
  lastTaken: 0,
  tamper: false,
  batteryLow: false,
  shutOff: false,
};

export const durableSchema = z.object({
  version: z.literal(1),
  cards: z.array(cardSchema),
  meters: z.record(z.string(), meterSchema),
});
export type Durable = z.infer<typeof durableSchema>;
export const EMPTY: Durable = { version: 1, cards: [], meters: {} };

/** A card as it is ordered: personalised, never loaded. */
export const cardSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('purse'),
    key: cardKey,
    name: z.string().max(80).default(''),
    cardId: hex(8),
    company,
    meter: meterNumber,
    unit,
    keyRevision: keyRevision.default(1),
    maximum: u32.default(1_000_000),
    protocol: z.enum(['t0', 't1']).default('t0'),
  }),
  z.object({
    kind: z.literal('memory'),
    key: cardKey,
    name: z.string().max(80).default(''),
    cardId: hex(8),
    company,
    meter: meterNumber,
    unit,
    keyRevision: keyRevision.default(1),
    protectionSent: z.boolean().default(false),
  }),
  z.object({
    kind: z.literal('foreign'),
    key: cardKey,
    name: z.string().max(80).default(''),
    atr: foreignSchema.shape.atr.default('3B65000056495254'),
  }),
]);
export type CardSpec = z.input<typeof cardSpecSchema>;

/** A new card. Throws on a specification that is none. */
export function newCard(given: CardSpec): VirtualCard {
  const spec = cardSpecSchema.parse(given);
  return { key: spec.key, name: spec.name, state: newState(spec), kept: null, conditions: SOUND };
}

function newState(spec: z.infer<typeof cardSpecSchema>): CardState {
  switch (spec.kind) {
    case 'purse': {
      const { key: _key, name: _name, ...rest } = spec;
      return { ...rest, counter: 0, balance: 0, last: null, area: hexOf(newArea(spec.meter)) };
    }
    case 'memory': {
      const image = new Uint8Array(IMAGE_BYTES).fill(0xff);
      image.set(CHIP_HEADER, 0);
      image.set(writeHeader({ ...spec, cardId: bytesOf(spec.cardId) }), HEADER_AT);
      image.set(newArea(spec.meter), METER_AREA_AT);
      return { kind: 'memory', image: hexOf(image), tries: 7, protectionSent: spec.protectionSent };
    }
    case 'foreign':
      return { kind: 'foreign', atr: spec.atr };
  }
}

const newArea = (meter: string): Uint8Array =>
  writeMeterArea({
    known: false,
    tamper: false,
    batteryLow: false,
    shutOff: false,
    takenThrough: 0,
    remaining: 0,
    consumption: 0,
    lastTaken: 0,
    writtenAt: null,
    meter,
  });
