import { z } from 'zod';
import { accountSchema } from '../../contracts/domain.ts';
import { cardClassSchema, cardUnitSchema, meterCardIdSchema } from '../../contracts/meter-card.ts';
import { inTransaction, type Database } from '../db/database.ts';
import { audit } from '../registry/audit.ts';
import { loadRulesSchema, type LoadRules } from './rules.ts';

/** A meter card as its company names it. */
export const importedCardSchema = z.strictObject({
  cardId: z.string().toUpperCase().pipe(meterCardIdSchema),
  /** The company's code. */
  company: z.string().min(1),
  account: accountSchema,
  meter: z.string().regex(/^[A-Z0-9]{1,8}$/),
  unit: cardUnitSchema,
  class: cardClassSchema,
  keyRevision: z.coerce.number().int().min(0).max(255),
  /** Loads the card took before it came to us. */
  counter: z.coerce.number().int().min(0).max(0xffff_ffff).default(0),
  creditOwed: z.coerce.number().int().min(0).max(0xffff_ffff).default(0),
  /** Units bought this calendar year before. */
  usedThisYear: z.coerce.number().int().min(0).max(0xffff_ffff).default(0),
});
export type ImportedCard = z.infer<typeof importedCardSchema>;

export type ImportAnswer = {
  readonly added: number;
  /** There already, and the same. */
  readonly same: number;
  readonly refused: readonly { readonly cardId: string; readonly reason: string }[];
};

/**
 * Registers cards. A card that is there is never changed by a list: what it counts is known from its own readings. Cards that do
 * not fit are named, the others come in.
 */
export async function importCards(
  database: Database,
  cards: readonly ImportedCard[],
  actor: string,
): Promise<ImportAnswer> {
  return inTransaction(database, async ({ client, db }) => {
    let added = 0;
    let same = 0;
    const refused: { cardId: string; reason: string }[] = [];
    for (const card of cards) {
      const { rows } = await client.query<{ biller_id: string; rules: unknown }>(
        'select b.biller_id, r.rules from biller b left join meter_rules r using (biller_id) where b.code = $1',
        [card.company],
      );
      const [biller] = rows;
      const rules = biller && loadRulesSchema.safeParse(biller.rules);
      if (!biller || !rules?.success || rules.data.unit !== card.unit) {
        const reason = !biller
          ? `there is no company ${card.company}`
          : rules?.success
            ? `cards of ${card.company} hold ${rules.data.unit}`
            : `${card.company} has no rules for cards`;
        refused.push({ cardId: card.cardId, reason });
        continue;
      }
      const inserted = await client.query(
        `insert into meter_card (card_id, biller_id, account, meter, unit, class, key_revision, counter, credit_owed, used_year, used_units)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, extract(year from now() at time zone 'Asia/Baku'), $10) on conflict (card_id) do nothing`,
        [
          card.cardId,
          biller.biller_id,
          card.account,
          card.meter,
          card.unit,
          card.class,
          card.keyRevision,
          card.counter,
          card.creditOwed,
          card.usedThisYear,
        ],
      );
      if (inserted.rowCount === 1) {
        added += 1;
        continue;
      }
      const { rows: there } = await client.query(
        `select from meter_card where card_id = $1 and biller_id = $2 and account = $3 and meter = $4 and unit = $5 and class = $6 and key_revision = $7`,
        [card.cardId, biller.biller_id, card.account, card.meter, card.unit, card.class, card.keyRevision],
      );
      if (there.length > 0) same += 1;
      else refused.push({ cardId: card.cardId, reason: 'is registered otherwise' });
    }
    if (added > 0) await audit(db, actor, 'meterCards.imported', 'meter-cards', { added });
    return { added, same, refused };
  });
}

/** Sets what a company allows for its cards. False when there is no company of that code. */
export async function setLoadRules(
  { db, pool }: Database,
  companyCode: string,
  rules: LoadRules,
  actor: string,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into meter_rules (biller_id, rules) select biller_id, $2 from biller where code = $1
     on conflict (biller_id) do update set rules = excluded.rules, changed_at = now()`,
    [companyCode, JSON.stringify(rules)],
  );
  if (rowCount !== 1) return false;
  await audit(db, actor, 'meterRules.set', companyCode, { rules });
  return true;
}
