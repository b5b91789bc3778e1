import {
  CommandSubmitter,
  DEFAULT_UPLOAD_SETTINGS,
  SatchelLinks,
  attachmentOf,
  beginUpload,
  completeUpload,
  mintLinks,
  openMedia,
  requireReader,
  requireTarget,
  stampAttachments,
  stampReaction,
  startOwner,
  type AttachmentResult,
  type EraseDeps,
  type LinkDeps,
  type MediaRequest,
  type MediaResponse,
  type OpenMediaDeps,
  type UploadDeps,
  type UploadSettings,
} from '@satchel/chat-core'
import { openEmbeddedBackend, type Backend } from '@satchel/chat-core/backends'
import { createTimers } from '@satchel/chat-core/runtime'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import { noScanner, startMediaWorker, type MediaWorker, type Scanner } from '@satchel/media-worker'
import {
  newAttachmentId,
  type Attachment,
  type AttachmentId,
  type AttachmentReference,
  type ConversationEvent,
  type ConversationId,
  type LinkAnswer,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { bytesOf } from '../../../chat-core/test/support/bytes.ts'
import { Actor, userNamed } from '../../../chat-core/test/support/chat-core-process.ts'
import { eventually } from '../../../chat-core/test/support/eventually.ts'
import { ManualClock } from '../../../chat-core/test/support/manual-clock.ts'
import { putPart } from '../../../chat-core/test/support/put-part.ts'
import { openTemporaryFolder } from '../../../chat-core/test/support/temporary-folder.ts'
import type { WorkerDeps } from '../../src/worker-deps.ts'
import type { WorkerTelemetry } from '../../src/worker-telemetry.ts'

export interface FileToSend {
  readonly bytes: Buffer
  readonly name?: string
  readonly contentType?: string
  readonly sha256?: string
  readonly by?: UserId
}

export interface MediaStageOptions {
  readonly scanner?: Scanner
  readonly ffmpegPath?: string | undefined
  readonly settings?: Partial<UploadSettings>
  readonly eraseBlanksMessages?: boolean
}

export interface Served extends MediaResponse {
  readonly bytes: Buffer
}

const GATEWAY_ID = 'gateway-1'

/**
 * The whole of embedded mode but its sockets: backend, owner, media worker, and a group of alice and bob.
 * Its clock is moved by hand.
 */
export class MediaStage {
  readonly clock: ManualClock
  readonly alice: UserId = userNamed('alice')
  readonly bob: UserId = userNamed('bob')
  /** What results were reported to conversations, in order. */
  readonly results: AttachmentResult[] = []
  /** So many reports of results fail from now on. */
  reportsToFail = 0
  /** What the worker told of itself: each call's name and arguments. */
  readonly told: { readonly what: keyof WorkerTelemetry; readonly about: readonly unknown[] }[] = []
  readonly links = new SatchelLinks({ secret: new Uint8Array(32).fill(7), windowMs: 3_600_000 })
  readonly backend: Backend
  readonly settings: UploadSettings
  readonly uploads: UploadDeps
  readonly submitter: CommandSubmitter
  /** Where the worker lays down what it is looking at. */
  workerFolder = ''
  readonly #closing: (() => Promise<void>)[] = []
  #worker: MediaWorker | undefined
  #scanner: Scanner | undefined
  #ffmpegPath: string | undefined
  #group: ConversationId | undefined
  #actor: Actor | undefined

  /** Use `open`. */
  constructor(backend: Backend, settings: UploadSettings, clock: ManualClock) {
    this.clock = clock
    this.backend = backend
    this.settings = settings
    this.uploads = { ...backend, settings, requireTarget, enforceQuotas: true }
    this.submitter = new CommandSubmitter({
      commandLog: backend.commandLog,
      timers: createTimers(),
      gatewayId: GATEWAY_ID,
      bootId: 'boot-1',
      stampAttachments: (...asked) => stampAttachments(backend, ...asked),
      stampReaction: (...asked) => stampReaction(backend, ...asked),
      times: { acceptedAfterMs: 2_000, answerWithinMs: 60_000 },
    })
  }

  static async open(options: MediaStageOptions = {}): Promise<MediaStage> {
    const folder = await openTemporaryFolder()
    const clock = new ManualClock()
    const backend = await openEmbeddedBackend({
      dataDir: folder.path,
      pid: process.pid,
      clock,
      onListenerError: failLoudly,
    })
    const settings = { ...DEFAULT_UPLOAD_SETTINGS, ...options.settings }
    const stage = new MediaStage(backend, settings, clock)
    stage.#closing.push(
      () => folder.remove(),
      () => backend.close(),
      async () => stage.submitter.close(),
    )
    stage.#startOwner(options.eraseBlanksMessages ?? true)
    stage.workerFolder = join(folder.path, 'worker')
    stage.#scanner = options.scanner
    stage.#ffmpegPath = options.ffmpegPath
    await stage.restartWorker()
    stage.#closing.push(() => stage.worker.close())
    const alice = stage.actorNamed('alice')
    stage.#actor = alice
    stage.#group = await alice.createGroup('bob')
    return stage
  }

  async close(): Promise<void> {
    for (const close of this.#closing.toReversed()) await close()
  }

  get worker(): MediaWorker {
    assert.ok(this.#worker)
    return this.#worker
  }

  get group(): ConversationId {
    assert.ok(this.#group)
    return this.#group
  }

  get actor(): Actor {
    assert.ok(this.#actor)
    return this.#actor
  }

  actorNamed(name: string): Actor {
    const { backend, submitter } = this
    return new Actor({ backend, submitter, received: [], poisoned: [] }, name)
  }

  async begin(file: FileToSend, conversationId = this.group) {
    const attachmentId = newAttachmentId()
    return beginUpload(this.uploads, file.by ?? this.alice, {
      attachmentId,
      conversationId,
      name: file.name ?? 'photo.jpg',
      sizeBytes: file.bytes.length,
      contentType: file.contentType ?? 'image/jpeg',
      sha256: file.sha256,
    })
  }

  /** Brings all bytes and says so; gives the id at once. */
  async upload(file: FileToSend, conversationId = this.group): Promise<AttachmentId> {
    const { attachmentId, urls } = await this.begin(file, conversationId)
    for (const url of urls) {
      const from = url.part === 0 ? 0 : (url.part - 1) * this.settings.partBytes
      const bytes = file.bytes.subarray(from, from + url.sizeBytes)
      await putPart(this.backend.uploadTarget, url, bytes, this.clock.nowMs())
    }
    await completeUpload(this.uploads, file.by ?? this.alice, attachmentId)
    return attachmentId
  }

  async row(id: AttachmentId): Promise<AttachmentRow> {
    const row = await this.backend.attachments.read(id)
    assert.ok(row, `attachment ${id} has a row`)
    return row
  }

  /** The attachment once its bytes were judged. */
  async judged(id: AttachmentId): Promise<Attachment> {
    return eventually(async () => {
      const row = await this.row(id)
      assert.notEqual(row.state, 'processing')
      return attachmentOf(row, row.words)
    }, 60_000)
  }

  async process(file: FileToSend): Promise<Attachment> {
    return this.judged(await this.upload(file))
  }

  /** Sends a message with attachments in the group, as alice; gives its seq. */
  async send(...attachments: AttachmentReference[]): Promise<Seq> {
    const { seq } = await this.actor.ask(this.group, {
      kind: 'send_message',
      text: 'Look!',
      attachments,
    })
    assert.ok(seq)
    return seq
  }

  /** The attachment as its message has it. */
  async inMessage(seq: Seq, id: AttachmentId): Promise<Attachment> {
    const [event] = await this.events(seq - 1, seq)
    assert.equal(event?.content.kind, 'message_sent')
    const found = event.content.attachments?.find((one) => one.id === id)
    assert.ok(found, `message ${seq} has the attachment`)
    return found
  }

  async events(after: Seq, upTo = Number.MAX_SAFE_INTEGER): Promise<readonly ConversationEvent[]> {
    return this.backend.timeline.read(this.group, {
      after,
      upTo: Math.min(upTo, 1_000),
      limit: 100,
    })
  }

  async link(
    userId: UserId,
    seq: Seq,
    attachmentId: AttachmentId,
    variant: string,
  ): Promise<LinkAnswer> {
    const wanted = [{ conversationId: this.group, seq, attachmentId, variant }]
    const [answer] = await mintLinks(this.linkDeps(), userId, wanted)
    assert.ok(answer)
    return answer
  }

  linkDeps(): LinkDeps {
    const { backend, clock, links } = this
    return {
      ...backend,
      clock,
      links,
      strictLinks: links,
      readerOf: (userId, conversationId) => requireReader(backend, userId, conversationId),
    }
  }

  /** What a GET of a link brings. */
  async serve(url: string, request: Partial<MediaRequest> = {}): Promise<Served> {
    const [path = '', query = ''] = url.split('?')
    const { backend, links, clock } = this
    const deps: OpenMediaDeps = {
      objects: backend.objects,
      verifier: links,
      clock,
      isCondemned: async (blob) => (await backend.blobs.read(blob))?.state !== 'live',
    }
    const response = await openMedia(deps, { method: 'GET', path, query, ...request })
    const bytes = response.body === undefined ? Buffer.alloc(0) : await bytesOf(response.body)
    return { ...response, bytes }
  }

  /** The bytes of every variant of an attachment, by name, through signed links. */
  async serveAll({ blob, pipelineVersion, variants = [] }: Attachment) {
    assert.ok(blob && pipelineVersion)
    const served = new Map<string, Served>()
    for (const { name, contentType } of variants) {
      const target = { blob, pipelineVersion, variant: name, contentType }
      const { url } = this.links.sign(target, this.clock.nowMs())
      served.set(name, await this.serve(url))
    }
    return served
  }

  /** Reports a result to the conversation, as the product does. */
  readonly submit = async (result: AttachmentResult): Promise<void> => {
    if (this.reportsToFail > 0) {
      this.reportsToFail--
      throw new Error('the owner is away')
    }
    this.results.push(result)
    const { conversationId, authorId, target, attachment } = result
    const content = { kind: 'attachment_result', target, attachment } as const
    await this.submitter.report({ conversationId, authorId, content })
  }

  /** Blanks a message of somebody erased, as the product does. */
  readonly #submitBlanking: EraseDeps['submitBlanking'] = async ({ target, ...report }) => {
    await this.submitter.report({ ...report, content: { kind: 'blank_message', target } })
  }

  #startOwner(eraseBlanksMessages: boolean): void {
    const { backend, submitter } = this
    backend.bus.listen(GATEWAY_ID, (message) => {
      if (message.type === 'answer') submitter.take(message)
    })
    const owner = startOwner({
      ...backend,
      settings: {
        clientsMayCreateGroups: true,
        historyForNewcomers: false,
        eraseBlanksMessages,
      },
      telemetry: {
        committed: () => undefined,
        commitFailed: () => undefined,
        deliveryFailed: (_, error) => failLoudly(error),
        storeFailed: (_id, _attempts, error) => failLoudly(error),
        commandPoisoned: (_faultId, _entry, error) => failLoudly(error),
      },
    })
    this.#closing.push(() => owner.close())
  }

  /** Starts a worker over the same backend; the one before was closed by the test. */
  async restartWorker(about: Pick<MediaStageOptions, 'ffmpegPath'> = {}): Promise<void> {
    if ('ffmpegPath' in about) this.#ffmpegPath = about.ffmpegPath
    this.#worker = await startMediaWorker({
      ...this.workerDeps(),
      scanner: this.#scanner,
      ffmpegPath: this.#ffmpegPath,
      nodePath: process.execPath,
    })
  }

  /** What a worker has beside its sandbox. */
  workerDeps(): Omit<WorkerDeps, 'sandbox' | 'lateSandbox' | 'canPlay'> {
    const { blobs, erasures, forbidden, catalogueWalk, replica, timeline } = this.backend
    return {
      ...this.uploads,
      ...{ blobs, erasures, forbidden, catalogueWalk, replica, timeline },
      scanner: noScanner,
      temporaryFolder: this.workerFolder,
      telemetry: this.#telemetry(),
      submitResult: this.submit,
      submitBlanking: this.#submitBlanking,
    }
  }

  #telemetry(): WorkerTelemetry {
    const note =
      (what: keyof WorkerTelemetry) =>
      (...about: readonly unknown[]) => {
        this.told.push({ what, about })
      }
    return {
      confinementMissing: note('confinementMissing'),
      ffmpegMissing: note('ffmpegMissing'),
      ffmpegUnusable: note('ffmpegUnusable'),
      unscanned: note('unscanned'),
      processed: note('processed'),
      hlsMade: note('hlsMade'),
      reprocessed: note('reprocessed'),
      formerRetired: note('formerRetired'),
      markRemoved: note('markRemoved'),
      jobFailed: note('jobFailed'),
      scanUndecided: note('scanUndecided'),
      stillWaiting: note('stillWaiting'),
      bytesChecked: note('bytesChecked'),
      retentionOver: note('retentionOver'),
      blobCooled: note('blobCooled'),
      tieringMissing: note('tieringMissing'),
      userErased: note('userErased'),
      uploadFault: note('uploadFault'),
      jobDied: note('jobDied'),
      upkeepFailed: note('upkeepFailed'),
    }
  }
}

function failLoudly(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
