import type { Metrics } from '@satchel/chat-core/runtime'

const SECONDS_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60] as const

/** What a worker counts. */
export function createWorkerMetrics(metrics: Metrics) {
  return {
    processed: metrics.counter({
      name: 'satchel_attachments_processed_total',
      help: 'Attachments judged, by what they became.',
      labels: ['state'],
    }),
    seconds: metrics.histogram({
      name: 'satchel_attachment_processing_seconds',
      help: 'Time from taking an upload to its verdict and variants.',
      buckets: SECONDS_BUCKETS,
    }),
    hls: metrics.counter({
      name: 'satchel_hls_total',
      help: 'Videos that were to get HLS, by whether it was made or the file refused.',
      labels: ['state'],
    }),
    reprocessed: metrics.counter({
      name: 'satchel_blobs_reprocessed_total',
      help: 'Blobs described anew after `npm run reconcile -- reprocess`.',
    }),
    failed: metrics.counter({
      name: 'satchel_media_jobs_failed_total',
      help: 'Tries of media jobs that failed for want of the machine.',
    }),
    died: metrics.counter({
      name: 'satchel_media_jobs_dead_total',
      help: 'Media jobs given up until an operator revives them.',
    }),
    undecided: metrics.counter({
      name: 'satchel_scans_undecided_total',
      help: 'Scans for malware without a certain verdict; the file waits unseen and is scanned again.',
    }),
    checked: metrics.counter({
      name: 'satchel_blobs_checked_total',
      help: 'Blobs the daily scan has looked at, by health: `sound`, `restored`, `damaged`.',
      labels: ['health'],
    }),
    retired: metrics.counter({
      name: 'satchel_attachments_retired_total',
      help: 'Attachments whose bytes went because they had reached `SATCHEL_MEDIA_RETENTION_DAYS`.',
    }),
    cooled: metrics.counter({
      name: 'satchel_blobs_cooled_total',
      help: 'Originals moved to `SATCHEL_TIERING_CLASS`.',
    }),
    waiting: metrics.counter({
      name: 'satchel_attachments_waiting_total',
      help: 'Times upkeep found an upload without a verdict that has been complete for five minutes; every five minutes for each.',
    }),
  }
}
