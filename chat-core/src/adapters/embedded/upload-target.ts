import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PartUrl } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'
import type {
  AssembledUpload,
  PartReceiver,
  ReceivedPart,
  StagedUpload,
  UploadTarget,
} from '../../ports/upload-target.ts'
import type { UrlSigner } from '../../runtime/url-signer.ts'
import { createTurns } from '../create-turns.ts'
import { partSizeOf } from '../part-size-of.ts'
import { fileError, isMissing, temporaryPath, writeNewFile } from './durable-file.ts'
import { FileBody } from './file-body.ts'
import { IncomingPartFile, type PartLimits } from './incoming-part-file.ts'
import { objectPath, readObjectFacts, type ObjectFolder } from './object-folder.ts'
import { guarded, placeObject } from './object-store.ts'
import { signPartUrl, verifyPartUrl } from './part-url.ts'

export interface EmbeddedUploadTargetOptions {
  readonly folder: ObjectFolder
  readonly signer: UrlSigner
  readonly clock: Clock
  /** What upload addresses start with, such as `https://chat.example`; nothing: the server's own. */
  readonly baseUrl?: string | undefined
  readonly partLimits?: PartLimits | undefined
}

const DEFAULT_PART_LIMITS: PartLimits = { deadlineMs: 15 * 60_000, idleMs: 30_000 }
/** Beside the parts, whose names are numbers. */
const MEMO = 'upload.json'

interface Memo {
  readonly key: string
  readonly openedMs: number
}

/**
 * Uploads to this process: a folder per upload with a file per part. The folder is there exactly as long
 * as parts are taken: a part that comes later finds nowhere to go.
 */
export function openEmbeddedUploadTarget(options: EmbeddedUploadTargetOptions): UploadTarget {
  const { folder, signer, clock, baseUrl = '' } = options
  const inTurn = createTurns()
  return {
    receiver: createReceiver(options),
    revokesUrls: true,
    async open({ key }) {
      const targetId = randomBytes(16).toString('base64url')
      const memo: Memo = { key, openedMs: clock.nowMs() }
      // Made aside: whatever lies among the uploads can say what it is.
      const aside = temporaryPath(folder.temporary)
      try {
        await mkdir(aside)
        await writeFile(join(aside, MEMO), JSON.stringify(memo), { flush: true })
        await rename(aside, join(folder.uploads, targetId))
      } catch (error) {
        throw fileError(error)
      }
      return targetId
    },
    async sign(upload, parts, expiresAtMs) {
      return parts.map((part): PartUrl => {
        const sizeBytes = partSizeOf(upload, part)
        const named = { targetId: upload.targetId, part, sizeBytes }
        return {
          part,
          url: baseUrl + signPartUrl(signer, named, expiresAtMs),
          sizeBytes,
          expiresAtMs,
        }
      })
    },
    received: (upload) => readParts(folder, upload),
    assemble: (upload) => inTurn(upload.targetId, () => assemble(folder, upload)),
    abort: (upload) =>
      inTurn(upload.targetId, async () => {
        await removeParts(folder, upload.targetId)
        await folder.tree.remove(objectPath(folder, upload.key))
      }),
    listOpen: (beforeMs) => listOpen(folder, beforeMs),
  }
}

function createReceiver(options: EmbeddedUploadTargetOptions): PartReceiver {
  const { folder, signer, partLimits = DEFAULT_PART_LIMITS } = options
  const receiving = new Map<string, IncomingPartFile>()
  return {
    receive(request, flow) {
      const { targetId, part, sizeBytes } = verifyPartUrl(signer, request)
      const parts = join(folder.uploads, targetId)
      const file = {
        path: join(parts, String(part)),
        temporaryPath: temporaryPath(parts),
        sizeBytes,
      }
      // Each has a file aside, which no quota counts: of one part there is one, the latest.
      receiving.get(file.path)?.cancel()
      const incoming = new IncomingPartFile(file, flow, partLimits)
      receiving.set(file.path, incoming)
      const forget = (): void => {
        if (receiving.get(file.path) === incoming) receiving.delete(file.path)
      }
      incoming.done.then(forget, forget)
      return incoming
    },
  }
}

async function readParts(
  folder: ObjectFolder,
  upload: StagedUpload,
): Promise<readonly ReceivedPart[]> {
  const path = join(folder.uploads, upload.targetId)
  const numbers = (await listFolder(path)).filter((name) => /^\d{1,5}$/.test(name)).map(Number)
  const parts: ReceivedPart[] = []
  for (const part of numbers.sort((left, right) => left - right)) {
    const facts = await statIfThere(join(path, String(part)))
    if (facts !== undefined) parts.push({ part, ...facts })
  }
  return parts
}

async function assemble(folder: ObjectFolder, upload: StagedUpload): Promise<AssembledUpload> {
  const before = await readObjectFacts(objectPath(folder, upload.key))
  if (before !== undefined) {
    await removeParts(folder, upload.targetId)
    return { kind: 'assembled', etag: before.etag }
  }
  const path = join(folder.uploads, upload.targetId)
  if ((await statIfThere(join(path, MEMO))) === undefined) return { kind: 'gone' }
  const received = new Set((await readParts(folder, upload)).map(({ part }) => part))
  const numbers =
    upload.partCount === 0 ? [0] : Array.from({ length: upload.partCount }, (_, index) => index + 1)
  const missing = numbers.filter((part) => !received.has(part))
  if (missing.length > 0) return { kind: 'missing', parts: missing }
  const temporary = temporaryPath(folder.temporary)
  const { etag } = await guarded(temporary, async () => {
    const paths = numbers.map((part) => join(path, String(part)))
    const [only] = paths
    if (upload.partCount === 0 && only !== undefined) await rename(only, temporary)
    else await writeNewFile(temporary, joined(paths), upload.sizeBytes)
    return placeObject(folder, temporary, upload.key)
  })
  await removeParts(folder, upload.targetId)
  return { kind: 'assembled', etag }
}

async function* joined(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) {
    const file = await open(path)
    const { size } = await file.stat()
    yield* new FileBody(file, 0, size)
  }
}

// Renamed away first, so that a part on its way cannot come between.
async function removeParts(folder: ObjectFolder, targetId: string): Promise<void> {
  const aside = temporaryPath(folder.temporary)
  try {
    await rename(join(folder.uploads, targetId), aside)
  } catch (error) {
    if (isMissing(error)) return
    throw fileError(error)
  }
  await rm(aside, { recursive: true, force: true })
}

async function* listOpen(
  folder: ObjectFolder,
  beforeMs: number,
): AsyncGenerator<Pick<StagedUpload, 'key' | 'targetId'>> {
  for (const targetId of await listFolder(folder.uploads)) {
    const memo = await readMemo(join(folder.uploads, targetId, MEMO))
    if (memo !== undefined && memo.openedMs < beforeMs) yield { key: memo.key, targetId }
  }
}

async function readMemo(path: string): Promise<Memo | undefined> {
  try {
    return parseMemo(await readFile(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error)
  }
}

function parseMemo(text: string): Memo {
  return JSON.parse(text) as Memo
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw fileError(error)
  }
}

async function statIfThere(
  path: string,
): Promise<Pick<ReceivedPart, 'sizeBytes' | 'receivedAtMs'> | undefined> {
  try {
    const { size, mtimeMs } = await stat(path)
    return { sizeBytes: size, receivedAtMs: mtimeMs }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error)
  }
}
