import type { AttachmentId, UserId } from '@satchel/protocol'
import { readUploadProgress, type UploadDeps } from '@satchel/chat-core'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import { SESSION_RULES } from '../../limits/session-rules.ts'
import type { Session } from '../session.ts'
import type { SignalRouter } from './signal-router.ts'

export interface UploadProgressSignalsDeps {
  readonly uploads: Pick<UploadDeps, 'attachments'>
  readonly router: SignalRouter
  readonly time: MonotonicClock
  readonly telemetry: Pick<GatewayTelemetry, 'signalFailed'>
}

/** Not the upload alone: whoever knows its id could keep its uploader's signals back. */
type Signalled = `${AttachmentId} ${UserId}`

/** Of how many uploads and users the last signal is remembered; when there are more, one signal too many may pass. */
const REMEMBERED_MAX = 10_000

/** How far the sender's upload is, for those who see the message already. */
export class UploadProgressSignals {
  readonly #deps: UploadProgressSignalsDeps
  readonly #lastMs = new Map<Signalled, number>()

  constructor(deps: UploadProgressSignalsDeps) {
    this.#deps = deps
  }

  take(session: Session, attachmentId: AttachmentId, sentBytes: number): void {
    const nowMs = this.#deps.time.elapsedMs()
    const signalled: Signalled = `${attachmentId} ${session.userId}`
    const lastMs = this.#lastMs.get(signalled) ?? -Infinity
    if (nowMs - lastMs < 1_000 / SESSION_RULES.signalsPerSecond) return
    if (this.#lastMs.size >= REMEMBERED_MAX) this.#lastMs.clear()
    this.#lastMs.set(signalled, nowMs)
    this.#tell(session, attachmentId, sentBytes).catch((error: unknown) =>
      this.#deps.telemetry.signalFailed('upload_progress', error),
    )
  }

  async #tell(session: Session, attachmentId: AttachmentId, sentBytes: number): Promise<void> {
    const { uploads, router } = this.#deps
    const progress = await readUploadProgress(uploads, session.userId, attachmentId, sentBytes)
    // Whoever has been removed goes on uploading, but tells nobody there.
    if (progress === undefined || !session.seats.has(progress.conversationId)) return
    await router.toConversation(progress.conversationId, { type: 'upload_progress', ...progress })
  }
}
