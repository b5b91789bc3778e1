import type { Erasure, ErasureKey } from '../ports/erasures.ts'

/** A line of an erasure as it is stored: of a conversation, or the first one, which is about the noting of them. */
export interface ErasureLine {
  readonly doneMs: number | undefined
}

export interface FirstErasureLine extends ErasureLine, ErasureKey {
  readonly askedBy: string
}

/** What the lines of an erasure say together: it is finished when the last of them is. */
export function erasureOf(first: FirstErasureLine, lines: readonly ErasureLine[]): Erasure {
  const { userId, askedMs, askedBy } = first
  const doneMs = [first, ...lines].flatMap((line) => line.doneMs ?? [])
  const isFinished = doneMs.length === lines.length + 1
  const done = lines.filter((line) => line.doneMs !== undefined).length
  const conversations = { total: lines.length, done }
  // Not spread into `Math.max`: there may be more than an argument list takes.
  const lastMs = doneMs.reduce((latest, ms) => Math.max(latest, ms), 0)
  return { userId, askedMs, askedBy, conversations, ...(isFinished && { finishedMs: lastMs }) }
}
