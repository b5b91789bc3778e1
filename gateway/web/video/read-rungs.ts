/** One quality of a stream. */
export interface Rung {
  /** In pixels; of upright videos the width, which is what people call them by. */
  readonly height: number
  /** Of its playlist. */
  readonly url: string
}

/** The qualities that a master playlist (RFC 8216 §4.3.4.2) lists, best first, each height once. */
export function readRungs(playlist: string, url: string): readonly Rung[] {
  const lines = playlist.split(/\r?\n/)
  const rungs = new Map<number, Rung>()
  for (const [index, line] of lines.entries()) {
    const [, width, height] = /^#EXT-X-STREAM-INF:.*\bRESOLUTION=(\d+)x(\d+)/.exec(line) ?? []
    const uri = lines.slice(index + 1).find((next) => next !== '' && !next.startsWith('#'))
    if (width === undefined || height === undefined || uri === undefined) continue
    const shorter = Math.min(Number(width), Number(height))
    if (!rungs.has(shorter)) rungs.set(shorter, { height: shorter, url: new URL(uri, url).href })
  }
  return [...rungs.values()].sort((a, b) => b.height - a.height)
}
