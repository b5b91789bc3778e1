import type { BlobKey } from '@satchel/protocol'

/** What a link points to. */
export interface MediaTarget {
  readonly blob: BlobKey
  readonly pipelineVersion: number
  readonly variant: string
  readonly contentType: string
}

export interface MediaLink {
  readonly url: string
  readonly expiresAtMs: number
}

/** Makes links to media. Whoever has one may read what it points to until it expires: ask who it is for first. */
export interface MediaLinks {
  /**
   * The same link for everybody within a window, so that browsers and edges cache by the path. With a
   * `downloadName` it is a download of that name. A link to `hls` is one to its master playlist, and
   * holds for everything that the playlist refers to.
   */
  sign(target: MediaTarget, nowMs: number, downloadName?: string): MediaLink
}
