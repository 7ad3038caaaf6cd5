import { readText } from '../../../../contracts/rules/meter-card/meter-area.ts';
import { unitOf } from '../../../../contracts/rules/meter-card/purse.ts';
import { sameBytes } from '../../bytes.ts';
import { parseTlv, valueOf, type DataObject } from '../../tlv.ts';
import type { CardIdentity } from '../driver.ts';

/** The application of the reference purse card (docs/protocols/card.md, "SELECT"). */
export const AID = Uint8Array.of(0xf0, 0x4b, 0x4f, 0x4d, 0x49, 0x53, 0x50, 0x31);
export const LAYOUT_VERSION = 1;

/** Reads the answer to SELECT. Null: not our application, another layout version, or a field that is missing or no such field. */
export function readFci(bytes: Uint8Array): CardIdentity | null {
  const [fci, more] = parseTlv(bytes) ?? [];
  if (fci === undefined || more !== undefined || fci.tag !== 0x6f) return null;
  const aid = valueOf(fci.children, 0x84);
  const own = fci.children.find(({ tag }) => tag === 0xa5)?.children ?? [];
  if (aid === null || !sameBytes(aid, AID) || byteOf(own, 0xc5) !== LAYOUT_VERSION) return null;
  const cardId = valueOf(own, 0xc0);
  const company = textOf(own, 0xc1);
  const meter = textOf(own, 0xc2);
  const unit = unitOf(byteOf(own, 0xc3) ?? 0);
  const keyRevision = byteOf(own, 0xc4);
  if (cardId?.length !== 8 || unit === null || keyRevision === null) return null;
  if (company === null || !/^\d{3}$/.test(company)) return null;
  if (meter === null || meter.length < 1 || meter.length > 8) return null;
  return { cardClass: 'A', cardId, company, meter, unit, keyRevision };
}

function byteOf(objects: readonly DataObject[], tag: number): number | null {
  const value = valueOf(objects, tag);
  return value?.length === 1 ? (value[0] ?? null) : null;
}

function textOf(objects: readonly DataObject[], tag: number): string | null {
  const value = valueOf(objects, tag);
  return value === null || value.length > 8 ? null : readText(value, 0, value.length);
}
