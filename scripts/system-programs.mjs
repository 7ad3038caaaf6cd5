/**
 * Programs that are no npm packages: which of scripts/system-packages.json are here, and what to say when one is not.
 */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} SystemProgram
 * @property {string} name what tests and the bench ask for
 * @property {string} package the Debian package that brings it
 * @property {string[]} programs names on the PATH, or absolute paths in which one folder may be `*`
 * @property {'test' | 'bench'} wantedBy
 * @property {string} leftOut what cannot run without it
 */

/** @type {SystemProgram[]} */
export const systemPrograms = JSON.parse(
  readFileSync(new URL('./system-packages.json', import.meta.url), 'utf8'),
);

/** Why missing programs were not installed, as `npm test` found out; read by tests through `missingReason`. */
export const whyMissingVariable = 'KOMIS_SYSTEM_MISSING';

/**
 * The full path of a program, or undefined when it is not here.
 * @param {string} name a `name` of scripts/system-packages.json
 * @returns {string | undefined}
 */
export function findProgram(name) {
  return entry(name).programs.flatMap(candidates).find(isExecutable);
}

/**
 * Says why a test cannot run without the program.
 * @param {string} name
 */
export function missingReason(name) {
  const one = entry(name);
  const why = process.env[whyMissingVariable];
  return `${name} is missing (Debian package ${one.package})${why ? `: ${why}` : ''}`;
}

/** @param {string} name */
function entry(name) {
  const one = systemPrograms.find((program) => program.name === name);
  if (one === undefined) throw new Error(`${name} is not in scripts/system-packages.json`);
  return one;
}

/** @param {string} program @returns {string[]} */
function candidates(program) {
  if (!program.startsWith('/')) {
    return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  }
  const [before, after] = program.split('/*/');
  if (before === undefined || after === undefined) return [program];
  if (!existsSync(before)) return [];
  return readdirSync(before).map((folder) => join(before, folder, after));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there or not ours to run: both mean that we do not have it.
  }
}
