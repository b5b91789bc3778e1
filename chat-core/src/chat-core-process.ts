import { randomBytes } from 'node:crypto'
import type { Backend, ClusterPorts } from './backends/backend.ts'
import { countOwnership, createOwnershipTelemetry } from './owner/ownership-telemetry.ts'
import { startOwnership } from './owner/start-ownership.ts'
import {
  CloseStack,
  Reach,
  createTimers,
  openHealthServer,
  type Log,
  type Metrics,
  type Settings,
  type Timers,
} from './runtime/index.ts'

export interface ChatCoreProcessDeps {
  readonly backend: Backend & { readonly cluster: ClusterPorts }
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
  /** The system's unless given. */
  readonly timers?: Timers | undefined
}

export interface ChatCoreProcess {
  /** Of `/live`, `/ready` and `/metrics`. */
  readonly port: number
  /** Hands every partition over. */
  close(): Promise<void>
}

/** A chat-core as one of several: owns its share of the partitions. */
export async function openChatCoreProcess(deps: ChatCoreProcessDeps): Promise<ChatCoreProcess> {
  const { backend, settings, log, metrics, timers = createTimers() } = deps
  const { directory } = backend.cluster
  const closing = new CloseStack()
  const reach = new Reach({ timers, ask: () => directory.list() })
  try {
    // Open for as long as partitions are handed over: whoever asks is told that it leaves.
    const { host, port } = settings
    const health = await openHealthServer({ host, port, metrics, isReady: () => reach.isThere })
    closing.add('health', () => health.close())
    const ownership = startOwnership(
      {
        ...backend,
        ...backend.cluster,
        timers,
        telemetry: createOwnershipTelemetry(log, metrics),
      },
      {
        ownerId: `chat-core-${randomBytes(6).toString('hex')}`,
        newestRecordVersion: backend.cluster.newestRecordVersion,
        settings,
        logRetentionMs: settings.logRetentionMs,
      },
    )
    closing.add('ownership', () => ownership.close())
    closing.add('reach', () => reach.close())
    countOwnership(metrics, ownership, settings.partitions)
    return { port: health.port, close: () => closing.close() }
  } catch (error) {
    reach.close()
    await closing.close()
    throw error
  }
}
