export { ScanUndecided, noScanner, type Scan, type Scanner, type ScanVerdict } from './scanner.ts'
export { startMediaWorker, type MediaWorker, type MediaWorkerDeps } from './start-media-worker.ts'
export { createWorkerTelemetry, type WorkerTelemetry } from './worker-telemetry.ts'
export type { UpkeepRound } from './upkeep/run-upkeep.ts'
