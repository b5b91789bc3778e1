import type { MediaLink, MediaLinks, MediaTarget } from './media-links.ts'

export interface MemoizedLinksOptions {
  /** The window of the links that are remembered. */
  readonly windowMs: number
  /** About how many are remembered; twice as many at most. */
  readonly most: number
}

/**
 * Signs once per link and window. Everybody in a window gets the same link, so what was signed for one who
 * looks at a conversation is there for all others.
 */
export class MemoizedLinks implements MediaLinks {
  readonly #links: MediaLinks
  readonly #windowMs: number
  readonly #most: number
  // Two generations: what was not asked for while the younger one filled up is forgotten.
  #young = new Map<string, MediaLink>()
  #old = new Map<string, MediaLink>()

  constructor(links: MediaLinks, { windowMs, most }: MemoizedLinksOptions) {
    this.#links = links
    this.#windowMs = Math.ceil(windowMs / 1_000) * 1_000
    this.#most = most
  }

  sign(target: MediaTarget, nowMs: number, downloadName?: string): MediaLink {
    const { blob, pipelineVersion, variant, contentType } = target
    const path = `${blob}/${pipelineVersion}/${variant}/${contentType}`
    const key = downloadName === undefined ? path : `${path}?${downloadName}`
    const known = this.#young.get(key)
    if (known !== undefined && this.#isOfWindow(known, nowMs)) return known
    const older = this.#old.get(key)
    if (older !== undefined && this.#isOfWindow(older, nowMs)) return this.#keep(key, older)
    return this.#keep(key, this.#links.sign(target, nowMs, downloadName))
  }

  /** Whether signing now would give this very link. */
  #isOfWindow({ expiresAtMs }: MediaLink, nowMs: number): boolean {
    const remainingMs = expiresAtMs - Math.floor(nowMs / 1_000) * 1_000
    return remainingMs >= this.#windowMs && remainingMs < 2 * this.#windowMs
  }

  #keep(key: string, link: MediaLink): MediaLink {
    if (this.#young.size >= this.#most) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, link)
    return link
  }
}
