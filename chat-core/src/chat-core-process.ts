import { randomBytes } from 'node:crypto'
import type { Backend, ClusterPorts } from './backends/backend.ts'
import { countOwnership, createOwnershipTelemetry } from './owner/ownership-telemetry.ts'
import { startOwnership } from './owner/start-ownership.ts'
import {
  CloseStack,
  createTimers,
  openHealthServer,
  type Log,
  type Metrics,
  type Settings,
} from './runtime/index.ts'

export interface ChatCoreProcessDeps {
  readonly backend: Backend & { readonly cluster: ClusterPorts }
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
}

export interface ChatCoreProcess {
  /** Of `/live`, `/ready` and `/metrics`. */
  readonly port: number
  /** Hands every partition over. */
  close(): Promise<void>
}

/** A chat-core as one of several: owns its share of the partitions. */
export async function openChatCoreProcess(deps: ChatCoreProcessDeps): Promise<ChatCoreProcess> {
  const { backend, settings, log, metrics } = deps
  const closing = new CloseStack()
  const ownership = startOwnership(
    {
      ...backend,
      ...backend.cluster,
      timers: createTimers(),
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
  countOwnership(metrics, ownership)
  try {
    const { host, port } = settings
    const health = await openHealthServer({ host, port, metrics, isReady: () => true })
    closing.add('health', () => health.close())
    return { port: health.port, close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}
