import type { NatsProvision } from '../adapters/nats/provision-nats.ts'
import type { Settings } from '../runtime/index.ts'

/** How streams and buckets of a deployment are made, and must be found. */
export function natsProvisionOf(settings: Settings): NatsProvision {
  return {
    deployment: settings.deployment,
    partitions: settings.partitions,
    replicas: settings.natsReplicas,
    logMaxBytes: settings.logMaxBytes,
  }
}
