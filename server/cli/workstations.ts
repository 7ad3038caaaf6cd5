import { InvalidArgumentError, Option, type Command } from 'commander';
import { channelSchema, type Channel } from '../../contracts/domain.ts';
import { addUnit, findUnit } from '../registry/participants.ts';
import { issueEnrolmentCode, quarantineDevice, releaseDevice } from '../registry/workstations.ts';
import { onCentre } from './command.ts';
import { orFail, printDone, printRows } from './output.ts';
import { CommandError, type Session } from './session.ts';

const DEFAULT_MINUTES = 60;

function minutes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 7 * 24 * 60)
    throw new InvalidArgumentError('A number of minutes from 1 to 10080.');
  return value;
}

/** `workstations`: places in the tree, one-time enrolment codes, and devices that are stopped or let go on. */
export function addWorkstationCommands(program: Command): void {
  const workstations = program.command('workstations').description('workstations and their devices');
  workstations
    .command('list', { isDefault: true })
    .description('all workstations, and the devices enrolled for them')
    .action(
      onCentre(async ({ database }, { json }) => {
        const rows = await database.db
          .selectFrom('org_unit as w')
          .innerJoin('org_unit as b', 'b.unit_id', 'w.parent_id')
          .leftJoin('device as d', 'd.unit_id', 'w.unit_id')
          .where('w.kind', '=', 'workstation')
          .select([
            'w.code',
            'b.name as branch',
            'b.district',
            'd.device_id as device',
            'd.status',
            'd.quarantine_reason as reason',
            'd.head_seq as entries',
            'd.last_seen_at as lastSeen',
            'd.clock_skew_ms as clockSkewMs',
          ])
          .orderBy('w.code')
          .orderBy('d.enrolled_at')
          .execute();
        printRows(rows, json);
      }),
    );
  workstations
    .command('add <code>')
    .description('adds a workstation to a branch; its code is printed in receipt numbers')
    .requiredOption('--branch <code>', 'the branch')
    .addOption(
      new Option('--channel <channel...>', 'what it may submit')
        .choices(channelSchema.options)
        .default(['counter']),
    )
    .action(
      onCentre<{ branch: string; channel: Channel[] }>(
        async ({ database, actor }, { branch: branchCode, channel, json }, code = '') => {
          const branch = await findUnit(database.db, branchCode);
          if (branch?.kind !== 'branch') throw new CommandError(`There is no branch ${branchCode}.`);
          if (!/^[A-Z0-9]{2,12}$/.test(code))
            throw new CommandError('A workstation code is 2 to 12 capital letters and digits.');
          const unitId = orFail(
            await addUnit(
              database.db,
              {
                participantId: branch.participant_id,
                parentId: branch.unit_id,
                kind: 'workstation',
                code,
                name: code,
                address: '',
                district: null,
                channels: channel,
              },
              actor,
            ),
          );
          printDone(
            `${code} is a workstation of ${branch.name}. Enrol it: komis workstations enrol-code ${code}`,
            { unitId, code },
            json,
          );
        },
      ),
    );
  workstations
    .command('enrol-code <code>')
    .description('makes a one-time code with which a device becomes this workstation')
    .option('--minutes <n>', 'how long it is good', minutes, DEFAULT_MINUTES)
    .action(
      onCentre<{ minutes: number }>(async ({ database, actor }, options, workstation = '') => {
        const issued = await issueEnrolmentCode(database.db, workstation, options.minutes, actor);
        if (!issued) throw new CommandError(`There is no workstation ${workstation}.`);
        printDone(
          `${issued.code}   (for ${workstation}, once, until ${issued.expiresAt})`,
          { workstation, ...issued },
          options.json,
        );
      }),
    );
  workstations
    .command('quarantine <code>')
    .description('stops the devices of a workstation: nothing of theirs is taken until they are released')
    .requiredOption('--reason <text>', 'why')
    .action(
      onCentre<{ reason: string }>(async ({ database, actor }, { reason, json }, code = '') => {
        for (const device of await devicesOf(database, code))
          await quarantineDevice(database.db, device, reason, actor);
        printDone(`${code} is quarantined.`, { code, status: 'quarantined' }, json);
      }),
    );
  workstations
    .command('release <code>')
    .description('lets quarantined devices of a workstation go on')
    .action(
      onCentre(async ({ database, actor }, { json }, code = '') => {
        for (const device of await devicesOf(database, code)) await releaseDevice(database.db, device, actor);
        printDone(`${code} is released.`, { code, status: 'active' }, json);
      }),
    );
}

async function devicesOf({ db }: Session['database'], code: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('device as d')
    .innerJoin('org_unit as w', 'w.unit_id', 'd.unit_id')
    .select('d.device_id')
    .where('w.code', '=', code)
    .execute();
  if (rows.length === 0) throw new CommandError(`No device is enrolled as ${code}.`);
  return rows.map((row) => row.device_id);
}
