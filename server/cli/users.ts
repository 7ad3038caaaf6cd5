import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { roleSchema, type Role } from '../../contracts/domain.ts';
import { findParticipant } from '../registry/participants.ts';
import { addUser, resetPassword, setBlocked } from '../registry/users.ts';
import { onCentre } from './command.ts';
import { orFail, printDone, printRows } from './output.ts';
import { CommandError } from './session.ts';

const LEAST_PASSWORD = 8;

/** A password from a file or standard input (`-`), else a new one that is shown once. Never from the command line. */
function password(file: string | undefined): { readonly value: string; readonly made: boolean } {
  if (file === undefined) return { value: randomBytes(9).toString('base64url'), made: true };
  const value = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '');
  if (value.length < LEAST_PASSWORD)
    throw new CommandError(`A password has at least ${LEAST_PASSWORD} characters.`);
  return { value, made: false };
}

/** `users`: the people, their roles, and whether they may come in. */
export function addUserCommands(program: Command): void {
  const users = program.command('users').description('people and their roles');
  users
    .command('list', { isDefault: true })
    .description('all people')
    .action(
      onCentre(async ({ database }, { json }) => {
        const rows = await database.db
          .selectFrom('app_user as u')
          .leftJoin('participant as p', 'p.participant_id', 'u.participant_id')
          .select([
            'u.username',
            'u.name',
            'u.role',
            'p.code as participant',
            'u.status',
            'u.failed_tries as wrongTries',
            'u.locked_until as lockedUntil',
            'u.last_login_at as lastLogin',
          ])
          .orderBy('u.username')
          .execute();
        printRows(rows, json);
      }),
    );
  users
    .command('add <username> <name>')
    .description('adds a person')
    .addOption(
      new Option('--role <role>', 'what they may do').choices(roleSchema.options).makeOptionMandatory(),
    )
    .option('--participant <code>', 'whose people they are; without it they may work anywhere')
    .option(
      '--password-file <file>',
      'their first password, - for standard input; without it one is made and shown',
    )
    .action(
      onCentre<{ role: Role; participant?: string; passwordFile?: string }>(
        async (
          { database, actor },
          { role, participant: code, passwordFile, json },
          username = '',
          name = '',
        ) => {
          const participant = code === undefined ? undefined : await findParticipant(database.db, code);
          if (code !== undefined && !participant) throw new CommandError(`There is no participant ${code}.`);
          const { value, made } = password(passwordFile);
          const user = orFail(
            await addUser(
              database.db,
              { username, name, role, password: value, participantId: participant?.participant_id ?? null },
              actor,
            ),
          );
          const shown = made ? ` Their password, shown once: ${value}` : '';
          printDone(
            `${name} may log in as ${user.username}.${shown}`,
            { ...user, ...(made ? { password: value } : {}) },
            json,
          );
        },
      ),
    );
  for (const [command, blocked] of [
    ['block', true],
    ['unblock', false],
  ] as const) {
    users
      .command(`${command} <username>`)
      .description(blocked ? 'keeps a person out' : 'lets a blocked person in again')
      .action(
        onCentre(async ({ database, actor }, { json }, username = '') => {
          if (!(await setBlocked(database.db, username, blocked, actor)))
            throw new CommandError(`There is no user ${username}.`);
          printDone(`${username} is ${command}ed.`, { username, blocked }, json);
        }),
      );
  }
  users
    .command('reset <username>')
    .description('sets a new password and forgets wrong tries')
    .option(
      '--password-file <file>',
      'the new password, - for standard input; without it one is made and shown',
    )
    .action(
      onCentre<{ passwordFile?: string }>(
        async ({ database, actor }, { passwordFile, json }, username = '') => {
          const { value, made } = password(passwordFile);
          if (!(await resetPassword(database.db, username, value, actor)))
            throw new CommandError(`There is no user ${username}.`);
          printDone(
            `${username} has a new password.${made ? ` Shown once: ${value}` : ''}`,
            { username, ...(made ? { password: value } : {}) },
            json,
          );
        },
      ),
    );
}
