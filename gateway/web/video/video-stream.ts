import type { VideoPlace } from './change-source.ts'

/** A video that comes in pieces, in several qualities. */
export interface VideoStream {
  /** Their heights in pixels (of upright ones the width), best first. */
  readonly heights: readonly number[]
  /** `undefined`: as good as the connection allows. */
  choose(height: number | undefined): void
  /** Lets go of the element; what it shows stays until something else is played. */
  close(): void
}

export interface VideoStreamSource {
  readonly element: HTMLVideoElement
  /** Of the master playlist. */
  readonly url: string
  /** Where it begins, or goes on. */
  readonly place: VideoPlace
  /** Once it is aborted the element is let alone, and nothing opens. */
  readonly signal: AbortSignal
  /** It cannot go on; the element still knows its place. Not called after `close`. */
  readonly onLost: () => void
}
