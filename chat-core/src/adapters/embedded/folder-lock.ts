import { createHash, randomUUID } from 'node:crypto'
import { link, realpath, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'

export interface FolderLock {
  release(): Promise<void>
}

/** The name of a socket cannot be longer than this, in bytes. */
const MAX_PATH_BYTES = 100
const ANSWER_MS = 2_000

/**
 * Keeps a second process out of a folder, by a socket in it that answers with our number: it goes
 * with the process, however that ends. Rejects with `unavailable` when another holds it.
 */
export async function lockFolder(folder: string, pid: number): Promise<FolderLock> {
  const path = await lockPath(folder)
  const server = (await listen(path, pid)) ?? (await takeOver(folder, path, pid))
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

async function lockPath(folder: string): Promise<string> {
  const path = join(folder, 'lock')
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path
  const name = createHash('sha256').update(await realpath(folder))
  return join(tmpdir(), `satchel-${name.digest('hex').slice(0, 32)}.lock`)
}

/** Instead of a holder that is gone. Of two that try at once, one finds the other's fresh socket. */
async function takeOver(folder: string, path: string, pid: number): Promise<Server> {
  const holder = await askHolder(path)
  if (holder !== undefined) throw heldBy(folder, holder)
  const aside = `${path}.${randomUUID().slice(0, 8)}`
  await rename(path, aside).catch(() => undefined)
  const fresh = await askHolder(aside)
  if (fresh !== undefined) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
  if (fresh !== undefined) throw heldBy(folder, fresh)
  const server = await listen(path, pid)
  if (server === undefined) throw heldBy(folder, (await askHolder(path)) ?? 'that is starting')
  return server
}

function heldBy(folder: string, holder: string): ChatError {
  return new ChatError('unavailable', `The folder ${folder} is in use by process ${holder}`)
}

/** `undefined` when something lies at the path already. */
function listen(path: string, pid: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(String(pid))
    })
    server.unref()
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server))
  })
}

/** The number of the process that answers; `undefined` when there is none. */
function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    let connected = false
    const socket = connect(path, () => (connected = true))
    socket.setEncoding('utf8')
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.on('data', (text: string) => (answer += text))
    socket.on('error', () => undefined)
    socket.once('close', () => {
      const silent = connected ? 'that does not answer' : undefined
      resolve(answer === '' ? silent : answer)
    })
  })
}
