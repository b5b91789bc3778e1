import type { TestContext } from 'node:test'
import {
  newAttachmentId,
  type BeginUpload,
  type ConversationId,
  type UploadState,
} from '@satchel/protocol'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import type { Backend } from '../../src/backends/backend.ts'
import type { UploadTarget } from '../../src/ports/upload-target.ts'
import { requireTarget } from '../../src/conversation-target.ts'
import { beginUpload } from '../../src/uploads/begin-upload.ts'
import type { ReportDeps } from '../../src/uploads/report-result.ts'
import type { UploadDeps } from '../../src/uploads/upload-deps.ts'
import { DEFAULT_UPLOAD_SETTINGS, type UploadSettings } from '../../src/uploads/upload-settings.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ALICE } from '../support/people.ts'
import { putPart } from '../support/put-part.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

/** The embedded backend with a group that alice alone is a member of, and a clock moved by hand. */
export interface UploadStage {
  readonly backend: Backend
  readonly clock: ManualClock
  readonly deps: UploadDeps & ReportDeps
  readonly conversationId: ConversationId
  /** Where the store fails, `failing` says how. */
  begin(about?: Partial<BeginUpload>, failing?: Partial<UploadTarget>): Promise<UploadState>
  put(url: { readonly url: string } | undefined, bytes: Uint8Array): Promise<void>
}

export async function openUploadStage(
  test: TestContext,
  settings: Partial<UploadSettings> = {},
): Promise<UploadStage> {
  const folder = await openTemporaryFolder()
  const clock = new ManualClock()
  const backend = await openEmbeddedBackend({
    dataDir: folder.path,
    pid: process.pid,
    clock,
    onListenerError: () => undefined,
  })
  test.after(async () => {
    await backend.close()
    await folder.remove()
  })
  const deps: UploadDeps & ReportDeps = {
    ...backend,
    settings: { ...DEFAULT_UPLOAD_SETTINGS, ...settings },
    requireTarget,
    enforceQuotas: true,
    submitResult: async () => undefined,
  }
  const history = new ConversationHistory(backend.conversations, ALICE)
  const member = { role: 'owner', joinedSeq: 1, settings: {} } as const
  await history.commit(
    [
      {
        authorId: ALICE,
        content: { kind: 'conversation_created', conversationKind: 'group', memberIds: [ALICE] },
      },
    ],
    { rows: [{ row: 'member', userId: ALICE, value: member }] },
  )
  return {
    backend,
    clock,
    deps,
    conversationId: history.id,
    begin: (about = {}, failing = {}) =>
      beginUpload({ ...deps, uploadTarget: { ...deps.uploadTarget, ...failing } }, ALICE, {
        attachmentId: newAttachmentId(),
        conversationId: history.id,
        name: 'photo.jpg',
        sizeBytes: 5,
        contentType: 'image/jpeg',
        ...about,
      }),
    put: async (url, bytes) => {
      if (url === undefined) throw new Error('no address for this part')
      await putPart(backend.uploadTarget, url, bytes, clock.nowMs())
    },
  }
}
