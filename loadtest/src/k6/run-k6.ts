import { spawn } from 'node:child_process'
import type { LoadTarget } from '../load/load-target.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface K6RunOptions {
  /** The program. */
  readonly k6: string
  readonly script: string
  /** With the addresses of gateways and the secret: not in arguments, which everybody on the machine may read. */
  readonly environment: Environment
  /** Further settings of the script, `NAME=value`. */
  readonly settings: readonly string[]
}

/** Loopback has many addresses, each with its own ports. */
const LOCAL_ADDRESSES = '127.0.0.2-127.0.0.101'

/** What scripts are told of a target on this machine. */
export function k6EnvironmentOf({ ports, tokenSecret }: LoadTarget): Environment {
  const gateways = ports.map((port) => `http://127.0.0.1:${port}`)
  return { GATEWAYS: gateways.join(','), TOKEN_SECRET: tokenSecret }
}

/** Runs k6 on this terminal; gives its exit code, which is not 0 when a threshold was crossed. */
export function runK6({ k6, script, environment, settings }: K6RunOptions): Promise<number> {
  const gateways = environment['GATEWAYS']?.split(',') ?? []
  const isLocal = gateways.every((url) => new URL(url).hostname === '127.0.0.1')
  const child = spawn(
    k6,
    [
      ...['run', '--quiet', '--no-usage-report', '--summary-trend-stats', 'med,p(90),p(99),max'],
      ...(isLocal ? ['--local-ips', LOCAL_ADDRESSES] : []),
      ...settings.flatMap((setting) => ['--env', setting]),
      script,
    ],
    { env: environment, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
