import type { CommandSubmitter } from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import type { Settings } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import type { MediaDeps } from '../../media-deps.ts'
import type { Following } from '../../socket/following.ts'
import type { AnyApiOperation } from './api-operation.ts'
import { conversationOperations } from './conversation-operations.ts'
import { erasureOperations } from './erasure-operations.ts'
import { mediaOperations } from './media-operations.ts'
import { memberOperations } from './member-operations.ts'
import { messageOperations } from './message-operations.ts'
import { userOperations } from './user-operations.ts'

export interface ApiOperationsDeps {
  readonly backend: Backend
  readonly media: MediaDeps
  readonly submitter: CommandSubmitter
  readonly following: Following
  readonly settings: Pick<Settings, 'directory'>
  readonly telemetry: Pick<GatewayTelemetry, 'userErased'>
}

/** Everything the HTTP API can do. */
export function apiOperations(deps: ApiOperationsDeps): readonly AnyApiOperation[] {
  const { backend, media, submitter, following, settings, telemetry } = deps
  const { clock, bus, sessions: registry } = backend
  const reading = { queries: backend, submitter, links: media.links.links, clock }
  return [
    ...conversationOperations({ ...reading, following }),
    ...memberOperations(reading),
    ...messageOperations(reading),
    ...userOperations({ ...reading, bus, registry, directory: settings.directory }),
    ...erasureOperations({ ...reading, bus, registry, telemetry }),
    ...mediaOperations(media),
  ]
}
