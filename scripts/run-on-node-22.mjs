import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodeBinary, pinnedNodeVersion, repositoryRoot } from './installation.mjs'

/** @type {readonly NodeJS.Signals[]} */
const passedOnSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a program of this repository on the pinned Node: in this process when it is that Node already
 * (nothing stands between the server and whoever signals it), else in a child.
 *
 * @param {string} program path from the repository's root
 * @param {readonly string[]} programArguments
 */
export async function runProgramOnNode22(program, programArguments) {
  const file = join(repositoryRoot, program)
  if (process.versions.node !== pinnedNodeVersion) {
    spawnNode22([file, ...programArguments])
    return
  }
  process.argv = [process.execPath, file, ...programArguments]
  await import(pathToFileURL(file).href)
}

/**
 * Starts the pinned Node with these arguments, passes signals on to it, and ends as it ends:
 * with the same exit code, or by the same signal.
 *
 * @param {readonly string[]} nodeArguments
 * @param {() => Promise<number | undefined>} [beforeEnding] done in between; may give another exit code
 */
export function spawnNode22(nodeArguments, beforeEnding = async () => undefined) {
  const child = spawn(nodeBinary, nodeArguments, { stdio: 'inherit' })
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    // A terminal sends Ctrl-C to the child as well; a second one would mean "stop waiting".
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  for (const signal of passedOnSignals) process.on(signal, passOn)
  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code, signal) => {
    const end = (/** @type {number | undefined} */ otherCode) => {
      for (const passedOn of passedOnSignals) process.off(passedOn, passOn)
      if (signal === null) process.exitCode = otherCode ?? code ?? 1
      else process.kill(process.pid, signal)
    }
    beforeEnding().then(end, (/** @type {unknown} */ error) => {
      console.error(error)
      end(undefined)
    })
  })
}
