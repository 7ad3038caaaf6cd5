import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { inTransaction } from '../db/database.ts';
import { audit } from '../registry/audit.ts';
import { importCards, importedCardSchema, setLoadRules, type ImportedCard } from '../vending/import-cards.ts';
import { findCard, lockCard, note } from '../vending/rows.ts';
import { loadRulesSchema } from '../vending/rules.ts';
import { acceptCounter, blockCard } from '../vending/settle.ts';
import { onCentre } from './command.ts';
import { printDone, printJson, printRows } from './output.ts';
import { limit } from './payments.ts';
import { CommandError } from './session.ts';

const DEFAULT_LIMIT = 50;

const NOT_ACCEPTED = {
  notBlocked: 'is not blocked for an incident',
  notAhead: 'does not count ahead of what is known: it was rolled back or copied, and stays blocked',
  loadOpen: 'has a paid load of which nobody can say whether it is on it: end that first',
} as const;

/** `meter-cards`: the cards of prepaid meters, and what their companies allow. */
export function addMeterCardCommands(program: Command): void {
  const cards = program
    .command('meter-cards')
    .description('cards of prepaid meters, and the rules of their companies');
  cards
    .command('list', { isDefault: true })
    .description('registered cards')
    .option('--company <code>', 'of one company only')
    .option('--account <account>', 'of one account only')
    .option('--blocked', 'only blocked ones')
    .option('--limit <n>', 'at most so many', limit, DEFAULT_LIMIT)
    .action(
      onCentre<{ company?: string; account?: string; blocked?: boolean; limit: number }>(
        async ({ database }, options) => {
          const { rows } = await database.pool.query<Record<string, unknown>>(
            `select c.card_id as "cardId", b.code as company, c.account, c.meter, c.class, c.unit, c.state, c.blocked_because as because,
               c.counter, c.read_at as "readAt", c.key_revision as "keyRevision"
             from meter_card c join biller b using (biller_id)
             where ($1::text is null or b.code = $1) and ($2::text is null or c.account = $2) and (not $3 or c.state = 'blocked')
             order by c.read_at desc nulls last, c.card_id limit $4`,
            [options.company ?? null, options.account ?? null, options.blocked ?? false, options.limit],
          );
          printRows(rows, options.json, 'No cards.');
        },
      ),
    );
  cards
    .command('import <file>')
    .description(
      'registers cards from JSON (a list) or CSV (a head line, commas or semicolons); those that are there stay as they are',
    )
    .action(
      onCentre(async ({ database, actor }, { json }, file = '') => {
        const answer = await importCards(database, cardsIn(file), actor);
        if (json) printJson(answer);
        else {
          console.log(
            `${answer.added} added, ${answer.same} there already, ${answer.refused.length} refused.`,
          );
          if (answer.refused.length > 0) printRows(answer.refused, false);
        }
        if (answer.refused.length > 0) throw new CommandError('');
      }),
    );
  cards
    .command('block <card>')
    .description('no load goes onto it any more; what is owed on it stays visible')
    .requiredOption('--reason <text>', 'why, for whoever reads it in ten years')
    .action(
      onCentre<{ reason: string }>(async ({ database, actor }, { reason, json }, given = '') => {
        const cardId = given.toUpperCase();
        if (!(await findCard(database.pool, cardId))) throw new CommandError(`There is no card ${cardId}.`);
        await inTransaction(database, async ({ client, db }) => {
          await blockCard(client, await lockCard(client, cardId), 'office');
          await note(client, { cardId, kind: 'blocked', detail: { reason, actor } });
          await audit(db, actor, 'meterCard.blocked', cardId, { reason });
        });
        printDone(`The card ${cardId} is blocked.`, { cardId, state: 'blocked' }, json);
      }),
    );
  cards
    .command('accept <card>')
    .description(
      'lets a card go on that is blocked because it counts ahead of what the centre knows, as after a restore: from its last reading',
    )
    .requiredOption('--reason <text>', 'who found what')
    .action(
      onCentre<{ reason: string }>(async ({ database, actor }, { reason, json }, given = '') => {
        const cardId = given.toUpperCase();
        if (!(await findCard(database.pool, cardId))) throw new CommandError(`There is no card ${cardId}.`);
        const done = await inTransaction(database, async (transaction) => {
          const accepted = await acceptCounter(transaction, cardId, actor, reason);
          if (typeof accepted === 'object')
            await audit(transaction.db, actor, 'meterCard.accepted', cardId, { reason, ...accepted });
          return accepted;
        });
        if (typeof done === 'string') throw new CommandError(`The card ${cardId} ${NOT_ACCEPTED[done]}.`);
        printDone(`The card ${cardId} goes on at counter ${done.counter}.`, { cardId, ...done }, json);
      }),
    );
  cards
    .command('rules <company>')
    .description('what a company allows for its cards; --set replaces it')
    .option('--set <file>', 'JSON, amounts in qəpik, prices in qəpik for 1 000 000 units')
    .action(
      onCentre<{ set?: string }>(async ({ database, actor }, { set, json }, company = '') => {
        if (set !== undefined) {
          const rules = loadRulesSchema.safeParse(readJson(set));
          if (!rules.success) throw new CommandError(z.prettifyError(rules.error));
          if (!(await setLoadRules(database, company, rules.data, actor)))
            throw new CommandError(`There is no company ${company}.`);
          return printDone(`The rules of ${company} are set.`, { company, rules: rules.data }, json);
        }
        const { rows } = await database.pool.query<{ rules: unknown }>(
          'select rules from meter_rules join biller using (biller_id) where code = $1',
          [company],
        );
        if (!rows[0]) throw new CommandError(`${company} has no rules for cards.`);
        printJson(rows[0].rules);
      }),
    );
}

/** The cards of a file. One that cannot be read is said with its place; then none comes in. */
function cardsIn(file: string): ImportedCard[] {
  const rows = /\.csv$/i.test(file) ? csvRows(readText(file)) : readJson(file);
  const read = z.array(importedCardSchema).safeParse(rows);
  if (!read.success) throw new CommandError(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** Ids and numbers need no quoting: a file that quotes is not one of these. */
function csvRows(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const separator = head.includes(';') ? ';' : ',';
  const names = head.split(separator).map((name) => name.trim());
  return lines.map((line, i) => {
    const values = line.split(separator).map((value) => value.trim());
    if (values.length !== names.length || line.includes('"'))
      throw new CommandError(
        `line ${i + 2} has ${values.length} values instead of ${names.length}, or quotes`,
      );
    return Object.fromEntries(
      names.map((name, at) => [name, values[at] ?? '']).filter(([, value]) => value !== ''),
    );
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CommandError(`${file} cannot be read.`);
  }
}

function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is not JSON.`);
  }
}
