import { Changes } from '../ui/changes.ts'
import { changeSource, readPlace } from './change-source.ts'
import type { VideoPlace } from './change-source.ts'
import { openVideoStream } from './open-video-stream.ts'
import type { VideoStream } from './video-stream.ts'

export interface VideoPlaybackDeps {
  readonly element: HTMLVideoElement
  /** A link to a variant, made when it is asked for. */
  readonly link: (variant: 'hls' | 'play') => Promise<string>
  /** There is an `hls` variant. */
  readonly hasStream: boolean
}

/** What fails twice within this is not for want of a link that holds. */
const SAME_PLACE_SECONDS = 1

/** One video on its way to one element: as a stream where there is one, and as one file where that fails. */
export class VideoPlayback {
  readonly #deps: VideoPlaybackDeps
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  readonly #closing = new AbortController()
  #stream: VideoStream | undefined
  #chosen: number | undefined
  /** Where it stopped when it could not go on; an element that has nothing to play does not know it. */
  #failedAt: VideoPlace | undefined

  constructor(deps: VideoPlaybackDeps) {
    this.#deps = deps
  }

  /** Qualities to choose from, as heights in pixels, best first; empty when there is one only. */
  get heights(): readonly number[] {
    return this.#stream?.heights ?? []
  }

  /** `undefined`: as good as the connection allows. */
  get chosen(): number | undefined {
    return this.#chosen
  }

  get hasFailed(): boolean {
    return this.#failedAt !== undefined
  }

  /** Begins, or tries once more; settles when there is something to play, or nothing. */
  async start(): Promise<void> {
    const { element, hasStream } = this.#deps
    const place = this.#failedAt ?? readPlace(element)
    this.#letGo()
    this.#set({ failedAt: undefined })
    if (hasStream && (await this.#startStream(place))) return
    await this.#startFile(place)
  }

  choose(height: number | undefined): void {
    this.#chosen = height
    this.#stream?.choose(height)
    this.#changes.notify()
  }

  close(): void {
    this.#closing.abort()
    this.#letGo()
    const { element } = this.#deps
    // An element without a page would go on loading, and playing.
    element.pause()
    element.removeAttribute('src')
    element.load()
  }

  async #startStream(place: VideoPlace): Promise<boolean> {
    const { element, link } = this.#deps
    try {
      const url = await link('hls')
      if (this.#isClosed) return true
      const { signal } = this.#closing
      const onLost = (): void => void this.#fallBack()
      this.#keep(await openVideoStream({ element, url, place, signal, onLost }))
      return true
    } catch {
      // The file plays everywhere.
      return this.#isClosed
    }
  }

  async #fallBack(): Promise<void> {
    if (this.#stream === undefined || this.#isClosed) return
    const place = readPlace(this.#deps.element)
    this.#letGo()
    await this.#startFile(place)
  }

  async #startFile(place: VideoPlace, renewedAt?: VideoPlace): Promise<void> {
    const { element, link } = this.#deps
    try {
      const url = await link('play')
      if (this.#isClosed) return
      const { signal } = this.#closing
      // Captured: the browser's own controls hear of it too, and pause.
      const options = { capture: true, once: true, signal }
      element.addEventListener('error', () => this.#renew(renewedAt), options)
      changeSource(element, url, place)
    } catch {
      this.#set({ failedAt: place })
    }
  }

  /** The file's link may have expired: with another one it goes on, unless it has just been given one here. */
  #renew(renewedAt: VideoPlace | undefined): void {
    const place = readPlace(this.#deps.element)
    const movedBy = Math.abs(place.seconds - (renewedAt?.seconds ?? Infinity))
    if (movedBy < SAME_PLACE_SECONDS) this.#set({ failedAt: place })
    else void this.#startFile(place, place)
  }

  #keep(stream: VideoStream): void {
    this.#stream = stream
    if (this.#isClosed) this.close()
    this.#changes.notify()
  }

  #letGo(): void {
    this.#stream?.close()
    this.#stream = undefined
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  #set({ failedAt }: { readonly failedAt: VideoPlace | undefined }): void {
    this.#failedAt = this.#isClosed ? undefined : failedAt
    this.#changes.notify()
  }
}
