import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { Conversation } from '@satchel/client'
import { freePort } from '../../../loadtest/src/free-port.ts'
import { ServerProcess } from '../../../loadtest/src/server-process.ts'
import { requireProgram } from '../../../scripts/programs.mjs'
import { eventually } from '../eventually.ts'
import { connectClient } from '../support/connect-client.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
const WITHIN_MS = 60_000
const run = promisify(execFile)

/** What lies where the worker works while a step is under way. */
const STEPS = [
  { step: 'it was laid down', file: /\/input$/ },
  { step: 'its poster was made', file: /\/poster\.jpg$/ },
  { step: 'it is being encoded', file: /\/play$/ },
  { step: 'its HLS is being made', file: /\/hls\/180p-\d+\.m4s$/ },
] as const

test('a video whose worker is killed at every step ends once, whole, and nothing runs on', async (t) => {
  const ffmpeg = requireProgram(t, 'ffmpeg')
  if (ffmpeg === undefined) return
  const folder = await mkdtemp(join(tmpdir(), 'satchel-video-'))
  const bytes = await makeVideo(ffmpeg, join(folder, 'long.webm'))
  const { server, url, workFolder } = await startServer(t, folder)
  const alice = await connectClient(t, url, 'alice')
  await connectClient(t, url, 'bob')
  const group = await alice.createConversation({ kind: 'group', title: 'Film', memberIds: ['bob'] })
  const video = new File([bytes], 'long.webm', { type: 'video/webm' })
  await group.send({ attachments: [alice.upload(video, { conversationId: group.id })] })
  const variants = () =>
    group.messages.at(-1)?.attachments[0]?.variants?.map(({ name }) => name) ?? []
  for (const { step, file } of STEPS) {
    const isPast = () => variants().includes(file.source.includes('hls') ? 'hls' : 'play')
    await eventually(step, async () => isPast() || (await isThere(workFolder, file)), WITHIN_MS)
    await server.kill('SIGKILL')
    await eventually('nothing of it runs on', async () => !(await doesRun(folder)))
    await server.start()
  }
  await eventually('it has its HLS', () => variants().includes('hls'), WITHIN_MS)
  assert.deepEqual(variants(), ['w320', 'play', 'download', 'hls'])
  assert.equal(await resultsOf(group), 2, 'told when it was ready, and when it had its HLS')
  await eventually('nothing is left of any try', async () => !(await isThere(workFolder, /input$/)))
})

/** A minute and a second, of a kind that has to be encoded. */
async function makeVideo(ffmpeg: string, path: string): Promise<Buffer<ArrayBuffer>> {
  await run(ffmpeg, [
    ...[
      '-nostdin',
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=10:duration=61',
    ],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', path],
  ])
  return readFile(path)
}

async function startServer(t: TestContext, folder: string) {
  const port = await freePort()
  const dataDir = join(folder, 'data')
  const server = new ServerProcess({
    program: process.execPath,
    file: main,
    environment: {
      PATH: process.env['PATH'],
      SATCHEL_DATA_DIR: dataDir,
      SATCHEL_PORT: String(port),
      SATCHEL_DEV_SIGN_IN: 'on',
    },
    logFile: join(folder, 'server.log'),
    port,
    readyPath: '/ready',
  })
  t.after(async () => {
    await server.kill('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })
  await server.start()
  return { server, url: `http://127.0.0.1:${port}`, workFolder: join(dataDir, 'work') }
}

async function isThere(workFolder: string, file: RegExp): Promise<boolean> {
  const entries = await readdir(workFolder, { recursive: true }).catch(() => [])
  return entries.some((entry) => file.test(entry))
}

/** Whether any program has a file of the folder among its arguments. */
async function doesRun(folder: string): Promise<boolean> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(
    processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return commands.some((command) => command.includes(folder))
}

/** How often the conversation was told what became of a file. */
async function resultsOf(group: Conversation): Promise<number> {
  const { events } = await group.history({ after: 0 })
  return events.filter(({ content }) => content.kind === 'attachment_updated').length
}
