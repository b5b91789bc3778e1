import type { AttachmentId } from '@satchel/protocol'
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

/** Uploads whose last signal is remembered; when there are more, one signal too many may pass. */
const REMEMBERED_MAX = 10_000

/** How far the sender's upload is, for those who see the message already. */
export class UploadProgressSignals {
  readonly #deps: UploadProgressSignalsDeps
  readonly #lastMs = new Map<AttachmentId, number>()

  constructor(deps: UploadProgressSignalsDeps) {
    this.#deps = deps
  }

  take(session: Session, attachmentId: AttachmentId, sentBytes: number): void {
    const nowMs = this.#deps.time.elapsedMs()
    const lastMs = this.#lastMs.get(attachmentId) ?? -Infinity
    if (nowMs - lastMs < 1_000 / SESSION_RULES.signalsPerSecond) return
    if (this.#lastMs.size >= REMEMBERED_MAX) this.#lastMs.clear()
    this.#lastMs.set(attachmentId, nowMs)
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
