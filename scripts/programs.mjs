import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Programs that only some tests need, under the names they go by. Whoever adds one that CI shall have adds it
 * to `.ci/run` as well.
 */
const programs = {
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    neededFor: 'browser tests',
  },
  ffmpeg: {
    names: ['ffmpeg'],
    neededFor: 'tests of video and audio',
  },
  'heif-enc': {
    names: ['heif-enc'],
    neededFor: 'tests of HEIC',
  },
  clamd: {
    names: ['clamd'],
    neededFor: 'tests of the scanner for malware',
  },
}

/** @typedef {keyof typeof programs} ProgramName */

/**
 * A program's full path, or `undefined` when it is not on the search path.
 *
 * @param {ProgramName} name
 */
export function findProgram(name) {
  // Daemons lie where only the administrator's path leads.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'].filter(Boolean)
  return folders
    .flatMap((folder) => programs[name].names.map((fileName) => join(folder, fileName)))
    .find(isExecutable)
}

/** The programs this machine lacks, and what goes without them. */
export function listMissingPrograms() {
  return Object.entries(programs)
    .map(([name, { neededFor }]) => ({ name: /** @type {ProgramName} */ (name), neededFor }))
    .filter(({ name }) => findProgram(name) === undefined)
}

/**
 * For a test that cannot do without a program: its path, or `undefined` after the test was skipped with the reason.
 * Where `CI` is set nothing is skipped: it throws.
 *
 * @param {{ skip(reason: string): void }} testContext
 * @param {ProgramName} name
 */
export function requireProgram(testContext, name) {
  const path = findProgram(name)
  if (path !== undefined) return path
  const reason = `${name} is not installed on this machine`
  if (process.env['CI'] === 'true') throw new Error(reason)
  testContext.skip(reason)
  return undefined
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
