import { asyncRequest, type RefinedResponse, type ResponseType } from 'k6/http'
import execution from 'k6/execution'
import {
  newAttachmentId,
  type Attachment,
  type AttachmentId,
  type PushFrame,
  type UploadState,
} from '@satchel/protocol'
import { closeGroup, gatherGroup, type Group } from '../client/group.ts'
import { becomesTrue, pause } from '../client/pause.ts'
import { beginMs, delivered, deliveryMs, readyMs, uploadMs } from '../metrics.ts'
import type { Settings } from '../settings.ts'
import { countingFailures, type ScenarioRun } from './scenario-run.ts'

const ARRIVE_WITHIN_MS = 10_000
const READY_WITHIN_MS = 30_000
/** As clients do. */
const FILES_AT_ONCE = 3

/**
 * Little's law: so many uploads are open at once when uploaders come at this rate, each with some of them, and
 * keep them open for so long. Each uploader is a virtual user.
 */
export function uploadScenario(settings: Settings, exec: string) {
  const { concurrentUploads, uploadsPerUser, uploadSeconds, rampSeconds, holdSeconds } = settings
  const uploaders = concurrentUploads / uploadsPerUser
  const perMinute = Math.ceil((uploaders * 60) / uploadSeconds)
  return {
    executor: 'ramping-arrival-rate' as const,
    exec,
    timeUnit: '1m',
    startRate: 0,
    stages: [
      { duration: `${rampSeconds}s`, target: perMinute },
      { duration: `${holdSeconds}s`, target: perMinute },
    ],
    // Beside those whose uploads are open: who connects, sends, or waits for files to become ready.
    preAllocatedVUs: Math.ceil(uploaders * 1.5) + 10,
    maxVUs: Math.ceil(uploaders * 3) + 10,
    gracefulStop: `${uploadSeconds + READY_WITHIN_MS / 1_000 + 20}s`,
  }
}

/** Somebody begins several uploads, holds them open, brings all bytes, and sends them in a message. */
export async function uploadSession(settings: Settings, run: ScenarioRun): Promise<void> {
  const name = `k6-${run.id}-upload-${execution.scenario.iterationInTest}`
  await countingFailures(async () => {
    const group = await gatherGroup(settings, [name, `${name}-reader`])
    try {
      await upload(settings, group)
    } finally {
      closeGroup(group)
    }
  })
}

interface OpenUpload {
  readonly attachmentId: AttachmentId
  readonly plan: UploadState
}

async function upload(settings: Settings, group: Group): Promise<void> {
  const endMs = Date.now() + settings.uploadSeconds * 1_000
  const uploads: OpenUpload[] = []
  for (let index = 0; index < settings.uploadsPerUser; index++) {
    uploads.push(await begin(settings, group))
  }
  await pause(endMs - Date.now())
  const completeMs = new Map<AttachmentId, number>()
  const waiting = [...uploads]
  const line = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await bring(settings, group, next)
      completeMs.set(next.attachmentId, Date.now())
    }
  }
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, line))
  await send(group, completeMs)
}

async function begin(
  { uploadBytes }: Settings,
  { conversationId, members: [uploader] }: Group,
): Promise<OpenUpload> {
  if (uploader === undefined) throw new Error('nobody uploads')
  const attachmentId = newAttachmentId()
  const facts = { name: 'note.txt', sizeBytes: uploadBytes, contentType: 'text/plain' }
  const askedMs = Date.now()
  const plan = await uploader.request('begin_upload', {
    upload: { attachmentId, conversationId, ...facts },
  })
  beginMs.add(Date.now() - askedMs)
  return { attachmentId, plan }
}

async function bring(
  { gateways, uploadBytes }: Settings,
  { members: [uploader] }: Group,
  { attachmentId, plan }: OpenUpload,
): Promise<void> {
  const [first] = plan.urls
  if (first === undefined || plan.partCount > 0) {
    throw new Error(`UPLOAD_BYTES is ${uploadBytes}, more than one PUT may bring`)
  }
  // Without an object store the server takes the bytes itself, at a path of its own.
  const url = first.url.startsWith('/') ? `${gateways[0] ?? ''}${first.url}` : first.url
  // Other bytes each time: what is stored already would not be looked at again.
  const bytes = `${attachmentId} `.padEnd(uploadBytes, 'x').slice(0, uploadBytes)
  const startMs = Date.now()
  const answer = await asyncRequest('PUT', url, bytes, { tags: { name: 'part' } })
  requireSuccess(answer)
  await uploader?.request('complete_upload', { attachmentId })
  uploadMs.add(Date.now() - startMs)
}

function requireSuccess(response: RefinedResponse<ResponseType | undefined>): void {
  const { status, error } = response
  if (status < 200 || status > 299) throw new Error(`a PUT was answered ${status} ${error}`)
}

/** Sends all in one message, and waits until the other member has it and may open every file. */
async function send(
  { conversationId, members: [uploader, reader] }: Group,
  completeMs: ReadonlyMap<AttachmentId, number>,
): Promise<void> {
  if (uploader === undefined || reader === undefined) throw new Error('nobody is there')
  const ready = new Set<AttachmentId>()
  let isDelivered = false
  const dueMs = Date.now()
  reader.onPush = (frame) => {
    const attachments = attachmentsOf(frame)
    if (attachments.length > 0 && !isDelivered) {
      isDelivered = true
      deliveryMs.add(Date.now() - dueMs)
    }
    for (const { id, state } of attachments) {
      if (state !== 'ready' || ready.has(id)) continue
      ready.add(id)
      readyMs.add(Date.now() - (completeMs.get(id) ?? dueMs))
    }
  }
  const attachments = [...completeMs.keys()].map((id) => ({ id }))
  await uploader.command(conversationId, { kind: 'send_message', attachments })
  await becomesTrue(() => isDelivered, ARRIVE_WITHIN_MS)
  delivered.add(isDelivered)
  await becomesTrue(() => ready.size === completeMs.size, READY_WITHIN_MS)
}

function attachmentsOf(frame: PushFrame): readonly Attachment[] {
  if (frame.type !== 'event') return []
  const { content } = frame.event
  if (content.kind === 'message_sent') return content.attachments ?? []
  if (content.kind !== 'attachment_updated' || content.attachment === undefined) return []
  return [content.attachment]
}
