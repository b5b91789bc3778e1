import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { eventually } from '../eventually.ts'
import type { Product } from './product.ts'

const run = promisify(execFile)
const COMMAND_DEADLINE_MS = 60_000
const READY_DEADLINE_MS = 60_000

/**
 * The product under `SATCHEL_TEST_URL`, which somebody else has started: whatever it consists of, and with nobody's data
 * in it yet. It goes on after the test. To restart it, the shell commands `SATCHEL_TEST_KILL` and `SATCHEL_TEST_START`
 * are run.
 */
export function findRunningProduct(
  settings: Readonly<Record<string, string>>,
): Product | undefined {
  const url = process.env['SATCHEL_TEST_URL']?.replace(/\/$/, '')
  if (url === undefined) return undefined
  const wanted = Object.keys(settings).join(', ')
  if (wanted !== '') throw new Error(`the product runs already, nobody can tell it ${wanted}`)
  return {
    url,
    otherUrl: url,
    chatProcesses: [],
    environment: {},
    hasObject: () => Promise.reject(new Error('nobody knows where the store is')),
    async restart(meanwhile) {
      await runCommand('SATCHEL_TEST_KILL')
      await meanwhile?.()
      await runCommand('SATCHEL_TEST_START')
      await eventually('the product is ready again', () => isReady(url), READY_DEADLINE_MS)
    },
    stop: () => Promise.resolve(),
  }
}

async function runCommand(variable: 'SATCHEL_TEST_KILL' | 'SATCHEL_TEST_START'): Promise<void> {
  const command = process.env[variable]
  if (command === undefined) throw new Error(`${variable} does not say how to restart the product`)
  await run('sh', ['-c', command], { timeout: COMMAND_DEADLINE_MS })
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(3_000) })).ok
  } catch {
    return false
  }
}
