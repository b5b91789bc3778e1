export { CloseStack } from './close-stack.ts'
export { describeFailure } from './describe-failure.ts'
export { openHealthServer, type HealthServer } from './health-server.ts'
export { letHeapGrow } from './let-heap-grow.ts'
export { createLog, type Log, type LogDestination, type LogFacts } from './log.ts'
export {
  createMetrics,
  type CounterMetric,
  type HistogramMetric,
  type MetricDescription,
  type Metrics,
  type Tally,
} from './metrics.ts'
export { createMonotonicClock, type MonotonicClock } from './monotonic-clock.ts'
export { SettingsError, readSettings } from './read-settings.ts'
export { s3AddressesOf, type S3Addresses } from './s3-addresses.ts'
export type { Setting } from './setting.ts'
export { SETTINGS, type Settings } from './settings.ts'
export { createSystemClock } from './system-clock.ts'
export { createTimers, type Timers } from './timers.ts'
