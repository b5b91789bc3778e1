import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CHAOS_RHYTHMS } from '../chaos/chaos-rhythms.ts'
import { openDistributedTarget } from '../chaos/open-distributed-target.ts'
import { openEmbeddedTarget } from '../chaos/open-embedded-target.ts'
import { runChaos } from '../chaos/run-chaos.ts'
import type { CheckReport } from '../checker.ts'
import type { TargetsOptions } from './create-targets.ts'

export interface KillsOptions extends Pick<
  TargetsOptions,
  'node' | 'environment' | 'folder' | 'tell'
> {
  readonly mode: 'embedded' | 'distributed'
  readonly seconds: number
}

export interface KillsResult {
  readonly strikes: number
  readonly report: CheckReport
}

const STRIKES = {
  embedded: ['kill-server'],
  distributed: [
    ...['kill-gateway', 'kill-chat-core', 'kill-media-worker'],
    ...['kill-redis', 'kill-nats', 'kill-cassandra'],
  ],
}
const SEED = 1
const USERS = 30
const GROUPS = 20

/** Kills processes under load, one after the other, and checks what everybody asked for and saw, as `npm run chaos` does. */
export async function measureKills(options: KillsOptions): Promise<KillsResult> {
  const { mode, seconds, tell } = options
  const folder = join(options.folder, `kills-${mode}`)
  await mkdir(folder, { recursive: true })
  const strikes = STRIKES[mode]
  const target =
    mode === 'embedded'
      ? await openEmbeddedTarget({ ...options, folder, strikes })
      : await openDistributedTarget({ folder, natsServers: 1, strikes, tell })
  try {
    const result = await runChaos({
      seed: SEED,
      durationMs: seconds * 1_000,
      ...CHAOS_RHYTHMS[mode],
      users: USERS,
      groups: GROUPS,
      ...{ target, folder, tell },
    })
    return { strikes: result.strikes.length, report: result.report }
  } finally {
    await target.close()
  }
}
