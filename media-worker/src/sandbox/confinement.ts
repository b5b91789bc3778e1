import { execFile } from 'node:child_process'
import { access, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleChild, CHILD_MODULE, type ChildCode } from './bundle-child.ts'
import { CODE_FOLDER, makeChildFolder, removeChildFolder } from './child-folder.ts'

const run = promisify(execFile)

/** What of the confinement a machine does not give. */
export type MissingConfinement = 'files' | 'processes' | 'network' | 'privileges' | 'limits'

/** How children are started so that a file they open gains little by taking one over. */
export interface Confinement {
  readonly missing: readonly MissingConfinement[]
  readonly environment: Readonly<Record<string, string>>
  /** Whether what `command` starts is the parent of the child proper, in a world of its own. */
  readonly isWorld: boolean
  /** What `makeChildFolder` lays before a child, for it to run. */
  readonly code: ChildCode
  /** What a child is told to run, under the path it knows. */
  readonly childModule: string
  /** Program and arguments that come before a child's own; `folder` was made by `makeChildFolder`. */
  command(folder: string): readonly string[]
  /** Under which path a child knows a path in its `folder`. */
  inside(folder: string, path: string): string
}

export interface ConfinementOptions {
  /** The Node program that runs children. */
  readonly nodePath: string
  /** Where folders of children may be made. */
  readonly folder: string
  /** What children may read beside the system, Node and their own code. */
  readonly readable?: readonly string[] | undefined
}

/** What children load from where it is installed. */
const PACKAGES = ['sharp', 'libheif-js'] as const

const ENTER = join(import.meta.dirname, 'enter-sandbox.sh')
const PROBE_TIMEOUT_MS = 20_000
// Memory is bounded by what can be written to (`data`): Node reserves far more addresses than it uses.
const LIMITS = [
  '--data=2000000000',
  '--as=16000000000',
  '--fsize=1000000000',
  '--nofile=256',
  '--cpu=7200',
  '--core=0',
] as const
/** In a user namespace only: elsewhere it would count what else the user runs. */
const OWN_PROCESSES = '--nproc=256'
const JEMALLOC = [
  '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/libjemalloc.so.2',
] as const
const END_WITH_PARENT = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] as const
const NAMESPACES = [
  ...['--mount', '--propagation', 'private', '--pid', '--net', '--ipc', '--uts'],
  ...['--fork', '--kill-child=KILL', '--'],
] as const
const OWN_USERS = ['--user', '--map-root-user'] as const

/**
 * Tries what this machine permits. Best is a world of its own (`enter-sandbox.sh`), in namespaces of files,
 * processes, network and users; otherwise each of what remains, one by one.
 */
export async function findConfinement(options: ConfinementOptions): Promise<Confinement> {
  const jemalloc = await firstThere(JEMALLOC)
  // Nothing of ours: no secrets, no paths.
  const environment = {
    VIPS_BLOCK_UNTRUSTED: '1',
    UV_THREADPOOL_SIZE: '2',
    // glibc's arenas keep what images leave behind.
    ...(jemalloc === undefined ? { MALLOC_ARENA_MAX: '2' } : { LD_PRELOAD: jemalloc }),
  }
  return (await findWorld(options, environment)) ?? (await findPieces(environment))
}

async function findWorld(
  { nodePath, folder, readable = [] }: ConfinementOptions,
  environment: Confinement['environment'],
): Promise<Confinement | undefined> {
  const node = await realpath(nodePath)
  const paths = [...(await packageFolders()), ...readable, node]
  if (!(await isAllWithin(paths)) || !isMountable([...paths, folder])) return undefined
  for (const users of [OWN_USERS, []]) {
    const limits = users.length > 0 ? [...LIMITS, OWN_PROCESSES] : LIMITS
    const command = (childFolder: string): readonly string[] => [
      ...[...END_WITH_PARENT, '/usr/bin/unshare', ...users, ...NAMESPACES],
      ...['/bin/sh', ENTER, childFolder, ...paths, '--'],
      ...['/usr/bin/prlimit', ...limits, '--'],
    ]
    const childFolder = await makeChildFolder(folder)
    const works = await succeeds([...command(childFolder), node, '--version'], environment)
    await removeChildFolder(childFolder)
    if (!works) continue
    const inside = (ofChild: string, path: string): string => path.slice(ofChild.length)
    return {
      ...{ missing: [], environment, isWorld: true, command, inside },
      ...{ code: bundleChild(), childModule: `/${CODE_FOLDER}/${CHILD_MODULE}` },
    }
  }
  return undefined
}

async function findPieces(environment: Confinement['environment']): Promise<Confinement> {
  const network = await firstThatWorks([
    // In a user namespace of its own it cannot look into the process that started it, either.
    ['/usr/bin/unshare', '--map-root-user', '--net', '--'],
    ['/usr/bin/unshare', '--net', '--'],
  ])
  const ending = await firstThatWorks([END_WITH_PARENT])
  const privileges = await firstThatWorks([['/usr/bin/setpriv', '--no-new-privs', '--']])
  const limits = await firstThatWorks([['/usr/bin/prlimit', ...LIMITS, '--']])
  const missing: MissingConfinement[] = ['files', 'processes']
  if (network === undefined) missing.push('network')
  if (privileges === undefined) missing.push('privileges')
  if (limits === undefined) missing.push('limits')
  const prefix = [ending, network, privileges, limits].flatMap((part) => part ?? [])
  return {
    missing,
    environment,
    isWorld: false,
    // What lies in the folder of a child could be changed by another one that was taken over.
    code: new Map(),
    childModule: join(import.meta.dirname, 'child-main.ts'),
    command: () => prefix,
    inside: (_, path) => path,
  }
}

/** Where the packages lie that children use. */
async function packageFolders(): Promise<readonly string[]> {
  const found: string[] = []
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules')
    // A child sees them under the path that imports are resolved to.
    if (await isThere(packages)) found.push(await realpath(packages))
  }
  return found
}

/** Whether a child that sees only these paths finds its packages: an installation may link to elsewhere. */
async function isAllWithin(paths: readonly string[]): Promise<boolean> {
  const visible = await Promise.all(paths.map((path) => realpath(path)))
  return PACKAGES.every((name) => {
    const path = fileURLToPath(import.meta.resolve(name))
    return visible.some((folder) => path.startsWith(`${folder}/`))
  })
}

/** A line of fstab(5) has no way to tell of others. */
function isMountable(paths: readonly string[]): boolean {
  return !paths.some((path) => /\p{Cc}/u.test(path))
}

async function firstThatWorks(
  prefixes: readonly (readonly string[])[],
): Promise<readonly string[] | undefined> {
  for (const prefix of prefixes) if (await succeeds([...prefix, '/bin/true'], {})) return prefix
  return undefined
}

async function succeeds(
  [program = '', ...rest]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    await run(program, rest, { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL', env, cwd: '/' })
    return true
  } catch {
    // Not there, or not permitted.
    return false
  }
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isThere(path)) return path
  return undefined
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
