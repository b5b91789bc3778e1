/** How long a child may be at work over one file before it is killed, by the file's type. */
export interface FileDeadlines {
  readonly videoMs: number
  readonly audioMs: number
  /** Images, all else, and what has no type yet. */
  readonly otherMs: number
}

export const FILE_DEADLINES: FileDeadlines = {
  videoMs: 600_000,
  audioMs: 60_000,
  otherMs: 15_000,
}

/** Of what nobody waits for. */
export const LATE_DEADLINES: FileDeadlines = { ...FILE_DEADLINES, videoMs: 3_600_000 }

export function deadlineMsOf(deadlines: FileDeadlines, contentType: string): number {
  if (contentType.startsWith('video/')) return deadlines.videoMs
  if (contentType.startsWith('audio/')) return deadlines.audioMs
  return deadlines.otherMs
}
