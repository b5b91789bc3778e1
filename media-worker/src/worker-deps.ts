import type { EraseDeps, ExpireDeps, ReportDeps, UploadDeps } from '@satchel/chat-core'
import type { CatalogueWalk, Erasures, ForbiddenBytes, ObjectStore } from '@satchel/chat-core/ports'
import type { Tiering } from './integrity/cool-blob.ts'
import type { SandboxPool } from './sandbox/sandbox-pool.ts'
import type { Scanner } from './scanner.ts'
import type { WorkerTelemetry } from './worker-telemetry.ts'

/** What jobs and upkeep need; each takes the part it uses. */
export interface WorkerDeps extends ReportDeps, EraseDeps, ExpireDeps {
  readonly attachments: UploadDeps['attachments']
  readonly objects: UploadDeps['objects']
  readonly jobs: UploadDeps['jobs']
  readonly erasures: Erasures
  readonly forbidden: ForbiddenBytes
  readonly catalogueWalk: CatalogueWalk
  /** A second copy of the bytes, where there is one. */
  readonly replica: Pick<ObjectStore, 'read'> | undefined
  /** Absent: everything stays where it is. */
  readonly tiering?: Tiering | undefined
  readonly sandbox: Pick<SandboxPool, 'derive'>
  /** For what takes long, beside the other one, so that nothing waits for it. */
  readonly lateSandbox: Pick<SandboxPool, 'derive'>
  readonly scanner: Scanner
  /** Whether this machine has what video and audio are looked into with. */
  readonly canPlay: boolean
  /** A folder of this worker alone, for files it is looking at. */
  readonly temporaryFolder: string
  readonly telemetry: WorkerTelemetry
}
