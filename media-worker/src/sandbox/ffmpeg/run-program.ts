import { spawn } from 'node:child_process'

export interface ProgramRun {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]]
  /** Where it works. */
  readonly folder: string
  /** After this long it is killed. */
  readonly timeoutMs: number
  /** What it writes, as it comes; dropped unless given. */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
}

export type ProgramOutcome =
  | { readonly kind: 'done' }
  /** It said no, or died; `complaint` is the end of what it said. */
  | { readonly kind: 'failed'; readonly complaint: string }
  | { readonly kind: 'late' }

const COMPLAINT_CHARACTERS = 2_000
/** What shells, setpriv and the dynamic linker end with when a program cannot be started. */
const NOT_STARTED: readonly (number | null)[] = [126, 127]
const NO_ROOM = /No space left on device|Disk quota exceeded/

/**
 * Runs a program that opens a foreign file, in the confinement of this process and with an empty environment.
 * Rejects when the machine is to blame: it, or a library of its, is not to be had, or there is no room for what it makes.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  const [program, ...rest] = run.command
  const running = spawn(program, rest, {
    cwd: run.folder,
    env: {},
    stdio: ['ignore', run.onOutput === undefined ? 'ignore' : 'pipe', 'pipe'],
  })
  let complaint = ''
  running.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-COMPLAINT_CHARACTERS)
  })
  if (run.onOutput !== undefined) running.stdout?.on('data', run.onOutput)
  const end = { isLate: false }
  const timer = setTimeout(() => {
    end.isLate = true
    running.kill('SIGKILL')
  }, run.timeoutMs)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      running.once('error', reject)
      running.once('close', resolve)
    })
    if (code === 0 && !end.isLate) return { kind: 'done' }
    if (NOT_STARTED.includes(code)) throw new Error(`${program} does not start: ${complaint}`)
  } finally {
    clearTimeout(timer)
  }
  if (NO_ROOM.test(complaint)) throw new Error(`no room for what is made of a file: ${complaint}`)
  return end.isLate ? { kind: 'late' } : { kind: 'failed', complaint }
}
