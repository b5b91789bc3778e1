import { randomBytes } from 'node:crypto'
import { openEmbeddedAttachmentCatalogue } from '../adapters/embedded/attachment-catalogue.ts'
import { openEmbeddedBlobCatalogue } from '../adapters/embedded/blob-catalogue.ts'
import { openEmbeddedCatalogueWalk } from '../adapters/embedded/catalogue-walk.ts'
import { systemClock } from '../adapters/embedded/clock.ts'
import { openEmbeddedCommandLog } from '../adapters/embedded/command-log.ts'
import { openEmbeddedConversationStore } from '../adapters/embedded/conversation-store.ts'
import {
  openEmbeddedStore,
  type EmbeddedStoreOptions,
} from '../adapters/embedded/embedded-store.ts'
import { openEmbeddedErasures } from '../adapters/embedded/erasures.ts'
import { openEmbeddedFollowers } from '../adapters/embedded/followers.ts'
import { openEmbeddedForbiddenBytes } from '../adapters/embedded/forbidden-bytes.ts'
import { openEmbeddedGatewayBus } from '../adapters/embedded/gateway-bus.ts'
import { openEmbeddedHeads } from '../adapters/embedded/heads.ts'
import { openEmbeddedInbox } from '../adapters/embedded/inbox.ts'
import { openEmbeddedJobQueue } from '../adapters/embedded/job-queue.ts'
import { openEmbeddedMarks } from '../adapters/embedded/marks.ts'
import { openEmbeddedMembers } from '../adapters/embedded/members.ts'
import { openEmbeddedMentions } from '../adapters/embedded/mentions.ts'
import { openObjectFolder, requireObjectFolder } from '../adapters/embedded/object-folder.ts'
import { openEmbeddedObjectStore } from '../adapters/embedded/object-store.ts'
import { openEmbeddedPresence } from '../adapters/embedded/presence.ts'
import { openEmbeddedQuotaWindows } from '../adapters/embedded/quota-windows.ts'
import { openEmbeddedSessionRegistry } from '../adapters/embedded/session-registry.ts'
import { openEmbeddedTimeline } from '../adapters/embedded/timeline.ts'
import { openEmbeddedUploadTarget } from '../adapters/embedded/upload-target.ts'
import { openEmbeddedUsers } from '../adapters/embedded/users.ts'
import type { Clock } from '../ports/clock.ts'
import type { ObjectStore } from '../ports/object-store.ts'
import { SettingsError } from '../runtime/read-settings.ts'
import { UrlSigner } from '../runtime/url-signer.ts'
import type { Backend } from './backend.ts'

export interface EmbeddedBackendOptions extends EmbeddedStoreOptions {
  /** Of the command log; 1 unless given. */
  readonly partitions?: number | undefined
  readonly clock?: Clock | undefined
  /** Another data folder with the same files, which must be there; only read. */
  readonly replica?: string | undefined
  /** Signs upload addresses; without it, addresses do not outlive the process. */
  readonly uploadSecret?: Uint8Array | undefined
  /** What upload addresses start with; nothing: the server's own. */
  readonly publicUrl?: string | undefined
  /** A gateway's listener threw; nothing is lost by it but that message. */
  readonly onListenerError: (error: unknown) => void
}

/** Every port in this process: LMDB in a folder, and memory. Throws `SettingsError` when there is no such replica. */
export async function openEmbeddedBackend(options: EmbeddedBackendOptions): Promise<Backend> {
  const replica = options.replica === undefined ? undefined : await openReplica(options.replica)
  const clock = options.clock ?? systemClock
  const store = await openEmbeddedStore(options)
  const folder = await openObjectFolder(options.dataDir)
  const presence = openEmbeddedPresence({ clock })
  const commandLog = openEmbeddedCommandLog({
    clock,
    generation: store.generation,
    partitions: options.partitions ?? 1,
    turn: () => store.turn(),
  })
  return {
    clock,
    commandLog,
    conversations: openEmbeddedConversationStore(store),
    heads: openEmbeddedHeads(store),
    timeline: openEmbeddedTimeline(store),
    inbox: openEmbeddedInbox(store),
    members: openEmbeddedMembers(store),
    marks: openEmbeddedMarks(store),
    mentions: openEmbeddedMentions(store),
    followers: openEmbeddedFollowers(store),
    users: openEmbeddedUsers(store),
    sessions: openEmbeddedSessionRegistry(),
    presence,
    bus: openEmbeddedGatewayBus({ onListenerError: options.onListenerError }),
    quotas: openEmbeddedQuotaWindows({ clock }),
    attachments: openEmbeddedAttachmentCatalogue(store),
    blobs: openEmbeddedBlobCatalogue(store),
    erasures: openEmbeddedErasures(store),
    forbidden: openEmbeddedForbiddenBytes(store),
    catalogueWalk: openEmbeddedCatalogueWalk(store),
    objects: openEmbeddedObjectStore(folder),
    replica,
    coldStorage: undefined,
    uploadTarget: openEmbeddedUploadTarget({
      folder,
      clock,
      signer: new UrlSigner(options.uploadSecret ?? randomBytes(32)),
      baseUrl: options.publicUrl,
    }),
    jobs: openEmbeddedJobQueue({ store, clock }),
    cluster: undefined,
    async close() {
      await commandLog.close()
      presence.close()
      await store.close()
    },
  }
}

/** A disk that is not mounted must not look like a copy that has lost everything. */
async function openReplica(dataDir: string): Promise<ObjectStore> {
  try {
    return openEmbeddedObjectStore(await requireObjectFolder(dataDir))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SettingsError([`SATCHEL_REPLICA: ${why}; a copy of a data folder has one`])
  }
}
