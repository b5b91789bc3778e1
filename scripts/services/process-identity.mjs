// Pids are used again; together with the time a process began they name it for as long as the machine is up.

import { readFileSync, readdirSync } from 'node:fs'

/** @typedef {{ readonly pid: number, readonly startTicks: number }} ProcessIdentity */

/**
 * Who runs under this pid now; `undefined` when nobody does, or only somebody dead that was not yet collected.
 *
 * @param {number} pid
 * @returns {ProcessIdentity | undefined}
 */
export function readProcessIdentity(pid) {
  const stat = readProcFile(pid, 'stat')
  if (stat === undefined) return undefined
  const fields = fieldsFromState(stat)
  if ('ZX'.includes(fields[0] ?? '') && !hasOtherThreads(pid)) return undefined
  return { pid, startTicks: Number(fields[19]) }
}

/**
 * The first thread may be gone before the last one has closed the sockets.
 *
 * @param {number} pid
 */
function hasOtherThreads(pid) {
  return listThreads(pid).length > 1
}

/**
 * Whether it was sent SIGSTOP, and all of its threads have noticed.
 *
 * @param {number} pid
 */
export function isStopped(pid) {
  const states = listThreads(pid).flatMap((thread) => {
    const stat = readProcFile(pid, `task/${thread}/stat`)
    return stat === undefined ? [] : [fieldsFromState(stat)[0]]
  })
  return states.length > 0 && states.every((state) => state === 'T')
}

/**
 * The second field is a name in parentheses that may hold anything; after it come state and, 19 further, the start.
 *
 * @param {string} stat
 */
function fieldsFromState(stat) {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** @param {number} pid */
function listThreads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** @param {ProcessIdentity} identity */
export function isAlive({ pid, startTicks }) {
  return readProcessIdentity(pid)?.startTicks === startTicks
}

/**
 * Memory a process holds, in bytes; 0 when it is gone.
 *
 * @param {number} pid
 */
export function readRssBytes(pid) {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readProcFile(pid, 'status') ?? '') ?? []
  return Number(kilobytes) * 1024
}

/**
 * @param {number} pid
 * @param {string} file
 */
function readProcFile(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
