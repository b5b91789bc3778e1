import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Keeps a second process out of a folder, by a socket in it that answers with our number: it goes
 * with the process, however that ends. Rejects with `unavailable` when another holds it.
 */
export async function lockFolder(folder: string, pid: number): Promise<FolderLock> {
  const path = join(folder, 'lock')
  const server = (await listen(path, pid)) ?? (await takeOver(folder, path, pid))
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

async function takeOver(folder: string, path: string, pid: number): Promise<Server> {
  const holder = await askHolder(path)
  if (holder !== undefined) throw heldBy(folder, holder)
  await rm(path, { force: true })
  const server = await listen(path, pid)
  if (server === undefined) throw heldBy(folder, (await askHolder(path)) ?? 'another process')
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
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server))
  })
}

/** The number of the process that answers; `undefined` when none does. */
function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(path)
    socket.setEncoding('utf8')
    socket.setTimeout(2_000, () => socket.end())
    socket.on('data', (text: string) => (answer += text))
    socket.once('error', () => resolve(undefined))
    socket.once('close', () => resolve(answer === '' ? 'that does not answer' : answer))
  })
}
