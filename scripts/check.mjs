// npm run check: every check there is, side by side; says what each found when it is done, and fails if one has failed.

import { spawn } from 'node:child_process'
import { gatherOutput } from './gather-output.mjs'
import { repositoryRoot } from './installation.mjs'

const CHECKS = ['format', 'lint', 'cycles', 'types', 'types:web', 'types:k6']

const outcomes = await Promise.all(CHECKS.map(runCheck))
if (outcomes.includes(false)) process.exitCode = 1

/**
 * @param {string} name
 * @returns {Promise<boolean>} whether it has passed
 */
async function runCheck(name) {
  const startedMs = Date.now()
  const child = spawn('npm', ['run', '--silent', `check:${name}`], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { code, output } = await gatherOutput(child)
  const seconds = Math.round((Date.now() - startedMs) / 1_000)
  process.stdout.write(`${output}${name}: ${code === 0 ? 'passed' : 'FAILED'}, ${seconds} s\n`)
  return code === 0
}
