// A test that fails beside two thousand others and passes alone is unsteady: a fault, but one of the test or the machine. In
// CI such files do not keep a change from landing; they are named in the report, with what they said, and the totals
// count them as failed.

import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { nodeBinary, repositoryRoot } from './installation.mjs'

/** Where the path stands of a file that is written when every failed file passed alone. */
export const VERDICT_VARIABLE = 'SATCHEL_TEST_VERDICT'
/** More than these are no accident. */
const MOST_FILES = 5
const DEADLINE_MS = 15 * 60_000

/**
 * Runs failed files once more, one at a time, and says what became of them; nothing where no verdict is asked for.
 *
 * @param {ReadonlySet<string>} failedFiles
 */
export async function runAgain(failedFiles) {
  const verdictFile = process.env[VERDICT_VARIABLE]
  if (verdictFile === undefined || failedFiles.size === 0) return ''
  if (failedFiles.size > MOST_FILES) return `${failedFiles.size} files failed: none is run again.\n`
  const lines = []
  let areAllUnsteady = true
  for (const file of failedFiles) {
    const { hasPassed, output } = await runAlone(file)
    const name = relative(repositoryRoot, file)
    areAllUnsteady &&= hasPassed
    lines.push(
      hasPassed
        ? `UNSTEADY: ${name} failed, and passed when it was run again alone.`
        : `${name} failed again:\n${output}`,
    )
  }
  if (areAllUnsteady) await writeFile(verdictFile, lines.join('\n'))
  return `${lines.join('\n')}\n`
}

/**
 * @param {string} file
 * @returns {Promise<{ readonly hasPassed: boolean, readonly output: string }>}
 */
function runAlone(file) {
  const environment = { ...process.env }
  // Otherwise it would take itself for a part of this run.
  delete environment['NODE_TEST_CONTEXT']
  return new Promise((resolve, reject) => {
    const child = spawn(nodeBinary, ['--test', '--test-reporter=spec', file], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    })
    let output = ''
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ hasPassed: code === 0, output }))
  })
}
