import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Product } from './product.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../../media-worker/src/reconcile-main.ts', import.meta.url))
const DEADLINE_MS = 60_000

/** Has the reconciler compare catalogue and store; gives what it says last. A product of one process must not run. */
export async function reconcile({ environment }: Product): Promise<string> {
  const { PATH = '' } = process.env
  const env = { PATH, SATCHEL_LOG_LEVEL: 'warn', ...environment }
  const options = { env, timeout: DEADLINE_MS }
  const { stdout } = await run(process.execPath, [main, 'report'], options)
  return stdout.trim()
}
