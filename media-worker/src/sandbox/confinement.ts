import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What of the confinement this machine does not give. */
export type MissingConfinement = 'network' | 'limits'

/** How children are started so that a file they open gains little by taking one over. */
export interface Confinement {
  /** Program and arguments that come before the child's own. */
  readonly prefix: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly missing: readonly MissingConfinement[]
}

const PROBE_TIMEOUT_MS = 5_000
// Memory is bounded by what can be written to (`data`): Node reserves far more addresses than it uses.
const LIMITS = [
  '--data=2000000000',
  '--as=16000000000',
  '--fsize=1000000000',
  '--nofile=256',
  '--core=0',
] as const
const JEMALLOC = [
  '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/libjemalloc.so.2',
] as const

/** Tries what this machine permits: a network namespace without interfaces, and limits of the kernel. */
export async function findConfinement(): Promise<Confinement> {
  const network = await firstThatWorks([
    // In a user namespace of its own it cannot look into the process that started it, either.
    ['/usr/bin/unshare', '--map-root-user', '--net', '--'],
    ['/usr/bin/unshare', '--net', '--'],
  ])
  const limits = await firstThatWorks([['/usr/bin/prlimit', ...LIMITS, '--']])
  const jemalloc = await firstThere(JEMALLOC)
  const missing: MissingConfinement[] = []
  if (network === undefined) missing.push('network')
  if (limits === undefined) missing.push('limits')
  return {
    prefix: [...(network ?? []), ...(limits ?? [])],
    // Nothing of ours: no secrets, no paths.
    environment: {
      VIPS_BLOCK_UNTRUSTED: '1',
      UV_THREADPOOL_SIZE: '2',
      // glibc's arenas keep what images leave behind.
      ...(jemalloc === undefined ? { MALLOC_ARENA_MAX: '2' } : { LD_PRELOAD: jemalloc }),
    },
    missing,
  }
}

async function firstThatWorks(
  prefixes: readonly (readonly [string, ...string[]])[],
): Promise<readonly string[] | undefined> {
  for (const [program, ...options] of prefixes) {
    try {
      await run(program, [...options, '/bin/true'], { timeout: PROBE_TIMEOUT_MS, env: {} })
      return [program, ...options]
    } catch {
      // Not there, or not permitted: the next one.
    }
  }
  return undefined
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(path)
      return path
    } catch {
      // The next one.
    }
  }
  return undefined
}
