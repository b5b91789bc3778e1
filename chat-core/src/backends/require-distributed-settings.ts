import { SettingsError, type Settings } from '../runtime/index.ts'

/** Settings of a deployment, with those that it cannot do without. */
export type DistributedSettings = Settings & {
  readonly redisUrl: string
}

/** Throws `SettingsError`, naming all that is missing at once. */
export function requireDistributedSettings(settings: Settings): DistributedSettings {
  const problems: string[] = []
  const need = (isThere: boolean, variable: string): void => {
    if (!isThere) problems.push(`${variable}: must be set where SATCHEL_BACKEND is distributed`)
  }
  const { redisUrl } = settings
  need(settings.natsUrls.length > 0, 'SATCHEL_NATS_URLS')
  need(redisUrl !== undefined, 'SATCHEL_REDIS_URL')
  need(settings.cassandraHosts.length > 0, 'SATCHEL_CASSANDRA_HOSTS')
  // Until its links have expired, edges must be able to learn that a file was deleted.
  if (settings.blobGraceMs < 2 * settings.linkWindowMs)
    problems.push('SATCHEL_BLOB_GRACE_MS: must be at least twice SATCHEL_LINK_WINDOW_MS')
  if (problems.length > 0 || redisUrl === undefined) throw new SettingsError(problems)
  return { ...settings, redisUrl }
}
