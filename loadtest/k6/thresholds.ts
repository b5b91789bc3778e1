import type { Settings } from './settings.ts'

type Thresholds = Record<string, string[]>

/** What the product is held to; k6 ends with a failure where one is crossed. */
export function chatThresholds({ slowness }: Settings): Thresholds {
  return {
    satchel_failed: ['count==0'],
    satchel_delivered: ['rate==1'],
    satchel_delivery_ms: [`p(99)<${500 * slowness}`],
  }
}

export function uploadThresholds(settings: Settings): Thresholds {
  const { slowness } = settings
  return {
    ...chatThresholds(settings),
    satchel_begin_ms: [`p(99)<${150 * slowness}`],
    satchel_upload_ms: [`p(99)<${3_000 * slowness}`],
    // An uploader that could not start: the load was less than it says.
    dropped_iterations: ['count==0'],
  }
}

export function historyThresholds({ slowness }: Settings): Thresholds {
  return { satchel_history_ms: [`p(99)<${500 * slowness}`] }
}
