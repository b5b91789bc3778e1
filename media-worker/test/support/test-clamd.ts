import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { requireProgram } from '../../../scripts/programs.mjs'
import { eventually } from '../../../chat-core/test/support/eventually.ts'

/** The harmless file that every scanner is to find; in pieces, so that this file is not found as well. */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join(''),
)

/** Its MD5: all the signatures this clamd has. */
const SIGNATURES = '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n'
const START_DEADLINE_MS = 20_000

export interface TestClamd {
  /** As `SATCHEL_CLAMD` takes it. */
  readonly address: string
  start(): Promise<void>
  /** As a crash would. */
  stop(): Promise<void>
}

/** A real clamd with one signature, ended with the test; `undefined` after the test was skipped for want of it. */
export async function startClamd(test: TestContext): Promise<TestClamd | undefined> {
  const program = requireProgram(test, 'clamd')
  if (program === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'satchel-clamd-'))
  const address = join(folder, 'clamd.sock')
  const configuration = join(folder, 'clamd.conf')
  await mkdir(join(folder, 'signatures'))
  await writeFile(join(folder, 'signatures', 'test.hdb'), SIGNATURES)
  await writeFile(
    configuration,
    `DatabaseDirectory ${join(folder, 'signatures')}
LocalSocket ${address}
TemporaryDirectory ${folder}
Foreground yes
StreamMaxLength 3M
MaxFileSize 2M
AlertExceedsMax yes
`,
  )
  let child: ChildProcess | undefined
  const clamd: TestClamd = {
    address,
    async start() {
      child = spawn(program, ['--config-file', configuration], { stdio: 'ignore' })
      await eventually(() => answersAt(address), START_DEADLINE_MS)
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
  test.after(async () => {
    await clamd.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await clamd.start()
  return clamd
}

async function answersAt(path: string): Promise<void> {
  const socket = connect({ path })
  try {
    socket.write('zPING\0')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (!answer.toString().startsWith('PONG')) throw new Error('clamd does not answer PING')
  } finally {
    socket.destroy()
  }
}
