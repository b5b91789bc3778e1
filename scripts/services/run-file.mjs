// Which process is which server: what lets any process stop, and look after, what another one started.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson } from '../read-json.mjs'
import { pollUntil } from './poll-until.mjs'
import { isAlive, isStopped } from './process-identity.mjs'

/** @typedef {import('./process-identity.mjs').ProcessIdentity} ProcessIdentity */
/**
 * @typedef {ProcessIdentity & {
 *   readonly address: string,
 *   readonly version?: string | undefined,
 *   readonly isStopping?: boolean,
 * }} ServerRun
 */

// Cassandra takes its time to drain.
const STOP_TIMEOUT_MS = 30_000
const KILL_TIMEOUT_MS = 10_000
const PAUSE_TIMEOUT_MS = 10_000

/**
 * @param {string} folder
 * @param {string} name
 */
export function runFilePath(folder, name) {
  return join(folder, 'run', `${name}.json`)
}

/**
 * The names of the servers that were started in a folder and not stopped; some may have died.
 *
 * @param {string} folder
 */
export function listStartedServers(folder) {
  const runFolder = join(folder, 'run')
  if (!existsSync(runFolder)) return []
  return readdirSync(runFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace('.json', ''))
    .sort()
}

/**
 * What was written when a server started; its process may be gone.
 *
 * @param {string} file
 * @returns {ServerRun | undefined}
 */
export function readRunFile(file) {
  return existsSync(file) ? /** @type {ServerRun} */ (readJson(file)) : undefined
}

/**
 * The same, while that process runs.
 *
 * @param {string} file
 */
export function readRunningServer(file) {
  const run = readRunFile(file)
  return run !== undefined && isAlive(run) ? run : undefined
}

/**
 * @param {string} file
 * @param {ServerRun} run
 */
export function writeRunFile(file, run) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(run))
  renameSync(`${file}.new`, file)
}

/**
 * Ends the process of a run file, kindly and then not, waits until it is gone, and forgets it.
 *
 * @param {string} file
 */
export async function stopServer(file) {
  const run = readRunningServer(file)
  if (run !== undefined) {
    // Whoever starts it again meanwhile must wait.
    writeRunFile(file, { ...run, isStopping: true })
    process.kill(run.pid, 'SIGTERM')
    // A paused process hears nothing.
    process.kill(run.pid, 'SIGCONT')
    try {
      await untilGone(run, STOP_TIMEOUT_MS)
    } catch {
      await killProcess(run)
    }
  }
  rmSync(file, { force: true })
}

/**
 * Ends a process as a crash would, and waits until it is gone.
 *
 * @param {ProcessIdentity} identity
 */
export async function killProcess(identity) {
  if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL')
  await untilGone(identity, KILL_TIMEOUT_MS)
}

/**
 * Stops a process, and waits until it stands still: on a busy machine it goes on for a while after the signal.
 *
 * @param {ProcessIdentity} identity
 */
export async function pauseProcess({ pid }) {
  process.kill(pid, 'SIGSTOP')
  await pollUntil(
    `process ${pid} stands still`,
    PAUSE_TIMEOUT_MS,
    () => isStopped(pid) || undefined,
  )
}

/**
 * @param {ProcessIdentity} identity
 * @param {number} timeoutMs
 */
async function untilGone(identity, timeoutMs) {
  await pollUntil(`process ${identity.pid} is gone`, timeoutMs, () =>
    isAlive(identity) ? undefined : true,
  )
}
