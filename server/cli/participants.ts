import { Option, type Command } from 'commander';
import {
  addParticipant,
  addUnit,
  findParticipant,
  findUnit,
  type ParticipantKind,
} from '../registry/participants.ts';
import { onCentre } from './command.ts';
import { orFail, printDone, printRows } from './output.ts';
import { CommandError } from './session.ts';

const KINDS: readonly ParticipantKind[] = ['biller', 'bank', 'post', 'cardCentre', 'kioskOwner'];

/** `participants` and `units`: who takes part, and their tree head office → branch → workstation. */
export function addParticipantCommands(program: Command): void {
  const participants = program
    .command('participants')
    .description('companies, banks, post offices and the other participants');
  participants
    .command('list', { isDefault: true })
    .description('all participants')
    .action(
      onCentre(async ({ database }, { json }) => {
        const rows = await database.db.selectFrom('participant').selectAll().orderBy('code').execute();
        printRows(
          rows.map((row) => ({
            code: row.code,
            name: row.name,
            kind: row.kind,
            status: row.status,
            iban: row.iban,
          })),
          json,
        );
      }),
    );
  participants
    .command('add <code> <name>')
    .description('registers a participant')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).makeOptionMandatory())
    .option('--iban <iban>', 'its settlement account; needed to go live')
    .option('--live', 'live at once', false)
    .action(
      onCentre<{ kind: ParticipantKind; iban?: string; live: boolean }>(
        async ({ database, actor }, { kind, iban, live, json }, code = '', name = '') => {
          if (live && iban === undefined)
            throw new CommandError('A participant goes live with a settlement account only: give --iban.');
          const participantId = orFail(
            await addParticipant(
              database.db,
              { code, name, kind, status: live ? 'live' : 'onboarding', iban: iban ?? null },
              actor,
            ),
          );
          printDone(`${name} is registered as ${code}.`, { participantId, code }, json);
        },
      ),
    );

  const units = program
    .command('units')
    .description('head offices, branches and workstations of a participant');
  units
    .command('list', { isDefault: true })
    .description('the tree')
    .action(
      onCentre(async ({ database }, { json }) => {
        const rows = await database.db
          .selectFrom('org_unit as u')
          .innerJoin('participant as p', 'p.participant_id', 'u.participant_id')
          .leftJoin('org_unit as up', 'up.unit_id', 'u.parent_id')
          .select([
            'p.code as participant',
            'u.kind',
            'u.code',
            'u.name',
            'up.code as under',
            'u.district',
            'u.address',
          ])
          .orderBy('p.code')
          .orderBy('u.code')
          .execute();
        printRows(rows, json);
      }),
    );
  units
    .command('add <kind> <code> <name>')
    .description('adds a headOffice or branch (workstations: komis workstations add)')
    .requiredOption('--participant <code>', 'whose it is')
    .option('--under <code>', 'the head office of a branch')
    .option('--district <name>', 'the district of a branch')
    .option('--address <text>', 'where it is', '')
    .action(
      onCentre<{ participant: string; under?: string; district?: string; address: string }>(
        async ({ database, actor }, options, kind = '', code = '', name = '') => {
          if (kind !== 'headOffice' && kind !== 'branch')
            throw new CommandError('A unit is a headOffice or a branch.');
          const participant = await findParticipant(database.db, options.participant);
          if (!participant) throw new CommandError(`There is no participant ${options.participant}.`);
          const under = options.under === undefined ? undefined : await findUnit(database.db, options.under);
          if (kind === 'branch' && (!under || options.district === undefined)) {
            throw new CommandError('A branch needs --under <head office> and --district.');
          }
          const unitId = orFail(
            await addUnit(
              database.db,
              {
                participantId: participant.participant_id,
                parentId: kind === 'branch' ? (under?.unit_id ?? null) : null,
                kind,
                code,
                name,
                address: options.address,
                district: options.district ?? null,
              },
              actor,
            ),
          );
          printDone(`${name} is in the tree as ${code}.`, { unitId, code }, options.json);
        },
      ),
    );
}
