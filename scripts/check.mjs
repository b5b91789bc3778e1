// npm run check: every check there is, side by side; says what each found when it is done, and fails if one has failed.

import { spawn } from 'node:child_process'
import { repositoryRoot } from './installation.mjs'

const CHECKS = ['format', 'lint', 'cycles', 'types', 'types:web', 'types:k6']

const outcomes = await Promise.all(CHECKS.map(runCheck))
if (outcomes.includes(false)) process.exitCode = 1

/**
 * @param {string} name
 * @returns {Promise<boolean>} whether it has passed
 */
function runCheck(name) {
  const startedMs = Date.now()
  const child = spawn('npm', ['run', '--silent', `check:${name}`], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (said += text))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const seconds = Math.round((Date.now() - startedMs) / 1_000)
      process.stdout.write(`${said}${name}: ${code === 0 ? 'passed' : 'FAILED'}, ${seconds} s\n`)
      resolve(code === 0)
    })
  })
}
