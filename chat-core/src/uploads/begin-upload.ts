import { randomBytes } from 'node:crypto'
import {
  ChatError,
  newBlobKey,
  type BeginUpload,
  type ConversationId,
  type UploadState,
  type UserId,
} from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { StagedUpload } from '../ports/upload-target.ts'
import type { UploadDeps } from './upload-deps.ts'
import { readUpload } from './read-upload.ts'
import { partsOf, planUpload, signFirstParts, uploadStateOf } from './upload-plan.ts'
import { refundQuota, takeQuota } from './upload-quota.ts'
import { isTypeAllowed } from './upload-settings.ts'

/**
 * Starts an upload, or tells how an upload begun with the same id stands. Refuses before anything is
 * made: `not_a_member`, `type_not_allowed`, `too_large`, `quota_exceeded`, `too_many_uploads`; and
 * `attachment_taken` for an id that was used for something else.
 */
export async function beginUpload(
  deps: UploadDeps,
  userId: UserId,
  request: BeginUpload,
): Promise<UploadState> {
  const conversationId = await requireConversation(deps, userId, request)
  try {
    refuseByPolicy(deps, request)
    await takeQuota(deps, userId, request.sizeBytes)
  } catch (error) {
    // Begun already, perhaps, when it was still allowed. Otherwise creating it tells.
    const known = await deps.attachments.read(request.attachmentId)
    if (known === undefined) throw error
    return continueUpload(deps, userId, known, conversationId, request)
  }
  return createUpload(deps, userId, conversationId, request)
}

/** What was taken of the quota stays taken only if an upload came of it, or may have. */
async function createUpload(
  deps: UploadDeps,
  userId: UserId,
  conversationId: ConversationId,
  request: BeginUpload,
): Promise<UploadState> {
  const { attachments, settings } = deps
  const row = await openUpload(deps, userId, conversationId, request)
  // When this fails the row may be there nevertheless.
  const created = await attachments.create(row, { maxPending: settings.maxPending })
  switch (created.kind) {
    case 'created': {
      const missing = partsOf(row.staging)
      return uploadStateOf(row, missing, await signFirstParts(deps, row, missing))
    }
    case 'exists':
      await dropUpload(deps, row)
      return continueUpload(deps, userId, created.row, conversationId, request)
    case 'too_many_pending':
      await dropUpload(deps, row)
      throw new ChatError(
        'too_many_uploads',
        `${settings.maxPending} uploads of ${userId} are pending`,
        { limit: settings.maxPending, remaining: 0 },
      )
    default:
      return created satisfies never
  }
}

/** Makes room for the bytes; the row of it is yet to be written. */
async function openUpload(
  deps: UploadDeps,
  userId: UserId,
  conversationId: ConversationId,
  request: BeginUpload,
): Promise<AttachmentRow> {
  const { settings } = deps
  const nowMs = deps.clock.nowMs()
  return {
    id: request.attachmentId,
    version: 1,
    state: 'uploading',
    uploaderId: userId,
    conversationId,
    name: request.name,
    sizeBytes: request.sizeBytes,
    contentType: request.contentType,
    sha256: request.sha256,
    staging: await openStaging(deps, userId, request, nowMs),
    copyKey: newBlobKey(),
    createdMs: nowMs,
    touchedMs: nowMs,
    // By then most are over. Of those that are not, upkeep finds out when to look again.
    dueMs: nowMs + Math.min(settings.stuckMs, settings.idleMs, settings.ageMs),
  }
}

async function openStaging(
  deps: UploadDeps,
  userId: UserId,
  { attachmentId, sizeBytes }: BeginUpload,
  nowMs: number,
): Promise<StagedUpload> {
  const plan = {
    key: stagingKey(nowMs, attachmentId),
    sizeBytes,
    ...planUpload(deps.settings, sizeBytes),
  }
  try {
    return { ...plan, targetId: await deps.uploadTarget.open(plan) }
  } catch (error) {
    await refundQuota(deps, userId, sizeBytes)
    throw error
  }
}

/** Takes back what was opened in vain. The quota first: what stays open is found by upkeep. */
async function dropUpload(deps: UploadDeps, row: AttachmentRow): Promise<void> {
  await refundQuota(deps, row.uploaderId, row.sizeBytes)
  await deps.uploadTarget.abort(row.staging).catch(() => undefined)
}

/** The same begin again: the same upload. */
async function continueUpload(
  deps: UploadDeps,
  userId: UserId,
  row: AttachmentRow,
  conversationId: ConversationId,
  request: BeginUpload,
): Promise<UploadState> {
  const isSame =
    row.uploaderId === userId &&
    row.conversationId === conversationId &&
    row.sizeBytes === request.sizeBytes
  if (!isSame) {
    throw new ChatError('attachment_taken', `attachment ${row.id} was begun for something else`)
  }
  return readUpload(deps, row)
}

/** The conversation an attachment is for. Rejects with `bad_request` or `not_a_member`. */
export async function requireConversation(
  deps: Pick<UploadDeps, 'members' | 'requireTarget'>,
  userId: UserId,
  request: Pick<BeginUpload, 'conversationId' | 'to'>,
): Promise<ConversationId> {
  const conversationId = deps.requireTarget(userId, request)
  // A direct conversation begins with its first message: there need be no members yet.
  if (request.to === undefined && !(await deps.members.read(conversationId, userId))) {
    throw new ChatError('not_a_member', `${userId} is not a member of the conversation`)
  }
  return conversationId
}

export function refuseByPolicy(
  deps: Pick<UploadDeps, 'settings'>,
  request: Pick<BeginUpload, 'sizeBytes' | 'contentType'>,
): void {
  const { settings } = deps
  if (!isTypeAllowed(settings, request.contentType)) {
    throw new ChatError('type_not_allowed', `files of type ${request.contentType} are not accepted`)
  }
  if (request.sizeBytes > settings.maxBytes) {
    throw new ChatError('too_large', `a file may have ${settings.maxBytes} bytes`, {
      limit: settings.maxBytes,
      field: 'sizeBytes',
    })
  }
}

/** Keys begin with the day, so that leftovers of old days are found by prefix. */
export function stagingKey(nowMs: number, attachmentId: string): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')
  return `staging/${day}/${randomBytes(6).toString('hex')}/${attachmentId}`
}
