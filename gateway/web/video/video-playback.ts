import { changeSource } from './change-source.ts'
import { openVideoStream } from './open-video-stream.ts'
import type { VideoStream } from './video-stream.ts'

export interface VideoPlaybackDependencies {
  readonly element: HTMLVideoElement
  /** A link to a variant, made when it is asked for. */
  readonly link: (variant: 'hls' | 'play') => Promise<string>
  /** There is an `hls` variant. */
  readonly hasStream: boolean
}

/** One video on its way to one element: as a stream where there is one, and as one file where that fails. */
export class VideoPlayback {
  readonly #dependencies: VideoPlaybackDependencies
  readonly #listeners = new Set<() => void>()
  readonly #closing = new AbortController()
  #stream: VideoStream | undefined
  #chosen: number | undefined
  #hasFailed = false

  constructor(dependencies: VideoPlaybackDependencies) {
    this.#dependencies = dependencies
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
    return this.#hasFailed
  }

  /** Begins, or tries once more; settles when there is something to play, or nothing. */
  async start(): Promise<void> {
    this.#set({ hasFailed: false })
    if (this.#dependencies.hasStream && (await this.#startStream())) return
    await this.#startFile()
  }

  choose(height: number | undefined): void {
    this.#chosen = height
    this.#stream?.choose(height)
    this.#changed()
  }

  close(): void {
    this.#closing.abort()
    this.#letGo()
    const { element } = this.#dependencies
    // An element without a page would go on loading, and playing.
    element.pause()
    element.removeAttribute('src')
    element.load()
  }

  on(_name: 'change', listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #startStream(): Promise<boolean> {
    const { element, link } = this.#dependencies
    try {
      const url = await link('hls')
      if (this.#isClosed) return true
      const { signal } = this.#closing
      const onLost = (): void => void this.#fallBack()
      this.#keep(await openVideoStream({ element, url, signal, onLost }))
      return true
    } catch {
      // The file plays everywhere.
      return this.#isClosed
    }
  }

  async #fallBack(): Promise<void> {
    if (this.#stream === undefined || this.#isClosed) return
    this.#letGo()
    await this.#startFile()
  }

  async #startFile(): Promise<void> {
    const { element, link } = this.#dependencies
    try {
      const url = await link('play')
      if (this.#isClosed) return
      element.onerror = () => this.#set({ hasFailed: true })
      changeSource(element, url)
    } catch {
      this.#set({ hasFailed: true })
    }
  }

  #keep(stream: VideoStream): void {
    this.#stream = stream
    if (this.#isClosed) this.close()
    this.#changed()
  }

  #letGo(): void {
    this.#stream?.close()
    this.#stream = undefined
    this.#dependencies.element.onerror = null
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  #set({ hasFailed }: { readonly hasFailed: boolean }): void {
    this.#hasFailed = hasFailed && !this.#isClosed
    this.#changed()
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
