import { createHash, randomUUID } from 'node:crypto'
import { readdir, realpath, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ChatError } from '@satchel/protocol'

export interface FolderLock {
  release(): Promise<void>
}

/** Where sockets lie, and how the names of those begin that are about this folder. */
interface LockPlace {
  readonly directory: string
  readonly prefix: string
}

/** Somebody who holds the folder, or wants to; or who is leaving, and says nothing any more. */
interface Contender {
  readonly name: string
  readonly state: 'holding' | 'starting' | 'silent'
  /** For people: the number of a process, usually. */
  readonly who: string
}

/** The name of a socket cannot be longer than this, in bytes. */
const MAX_PATH_BYTES = 100
const ID_CHARACTERS = 8
const ANSWER_MS = 2_000
const POLL_MS = 10
/** So often: a second. */
const MAX_POLLS = 100
/** What somebody answers who does not hold the folder yet. */
const STARTING = 'starting'
/** Of whoever takes our call and stands still. */
const NO_ANSWER = 'that does not answer'
/** There is a socket, and nobody behind it any more. */
const GONE = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'])

/**
 * Keeps a second process out of a folder, by a socket of its own in it that answers with our number: it goes with the
 * process, however that ends. Rejects with `unavailable` when another holds it.
 *
 * Who wants the folder listens first and looks around then, so of any two at least one sees the other (Lamport's
 * bakery). A holder has it; of two that are starting the one with the lesser name waits until the other has gone or
 * holds it. Who is silent is leaving, or holds it. What nobody listens to is removed, which hurts nobody: names are
 * used once.
 */
export async function lockFolder(folder: string, pid: number): Promise<FolderLock> {
  const place = await lockPlace(folder)
  const name = `${place.prefix}.${randomUUID().slice(0, ID_CHARACTERS)}`
  const own = { holds: false }
  const server = await listen(join(place.directory, name), () =>
    own.holds ? String(pid) : STARTING,
  )
  const release = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  try {
    await waitForTurn(folder, place, name)
  } catch (error) {
    await release()
    throw error
  }
  own.holds = true
  return { release }
}

async function lockPlace(folder: string): Promise<LockPlace> {
  const prefix = 'lock'
  if (Buffer.byteLength(join(folder, prefix)) + 1 + ID_CHARACTERS <= MAX_PATH_BYTES)
    return { directory: folder, prefix }
  const hash = createHash('sha256').update(await realpath(folder))
  return { directory: tmpdir(), prefix: `satchel-${hash.digest('hex').slice(0, 32)}.lock` }
}

async function waitForTurn(folder: string, place: LockPlace, own: string): Promise<void> {
  let latest = 'that is starting'
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    const others = await contenders(place, own)
    // Who asked between binding and listening found nobody, and has removed it: others would not see us.
    if (others === undefined) break
    const first = others.find(
      ({ name, state }) => state === 'holding' || (state === 'starting' && name < own),
    )
    if (first !== undefined) throw heldBy(folder, first.who)
    if (others[0] === undefined) return
    latest = others[0].who
    await setTimeout(POLL_MS)
  }
  throw heldBy(folder, latest)
}

/** All others that are alive; `undefined` when the own socket is not among what lies there. */
async function contenders(
  { directory, prefix }: LockPlace,
  own: string,
): Promise<readonly Contender[] | undefined> {
  const found = await readdir(directory)
  if (!found.includes(own)) return undefined
  const names = found.filter((name) => name === prefix || name.startsWith(`${prefix}.`))
  const others = names.filter((name) => name !== own).map((name) => ask(directory, name))
  return (await Promise.all(others)).filter((other) => other !== undefined)
}

function heldBy(folder: string, holder: string): ChatError {
  return new ChatError('unavailable', `The folder ${folder} is in use by process ${holder}`)
}

function listen(path: string, answer: () => string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(answer())
    })
    server.unref()
    server.on('error', reject)
    server.listen(path, () => resolve(server))
  })
}

/** Who answers there; `undefined` when there is nobody, and the socket is removed. */
async function ask(directory: string, name: string): Promise<Contender | undefined> {
  const path = join(directory, name)
  const answer = await answerOf(path)
  if (answer === undefined) {
    // Where it cannot be removed it hurts nobody either.
    await rm(path, { force: true }).catch(() => undefined)
    return undefined
  }
  if (answer === '') return { name, state: 'silent', who: NO_ANSWER }
  if (answer === STARTING) return { name, state: 'starting', who: 'that is starting' }
  return { name, state: 'holding', who: answer }
}

/** Empty when somebody is there and hangs up without a word; `undefined` when there is nobody. */
function answerOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    let isGone = false
    const socket = connect(path)
    socket.setEncoding('utf8')
    socket.setTimeout(ANSWER_MS, () => {
      answer ||= NO_ANSWER
      socket.destroy()
    })
    socket.on('data', (text: string) => (answer += text))
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => (isGone = GONE.has(code)))
    socket.once('close', () => resolve(isGone ? undefined : answer))
  })
}
