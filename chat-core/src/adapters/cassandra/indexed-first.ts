import { ChatError } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'

// A row is written after what leads to it. Between the two, whoever follows finds nothing, and must not take that
// for a row that is gone.

/** What leads to nothing is left alone for so long: its row may be on its way. */
export const INDEX_SETTLED_AFTER_MS = 120_000
const ROW_WITHIN_MS = INDEX_SETTLED_AFTER_MS / 2

/**
 * Writes an index, then, in time, the row; a process that was held up in between gives up instead, with
 * `unavailable`.
 */
export async function indexedFirst<Result>(
  clock: Clock,
  writeIndex: () => Promise<unknown>,
  writeRow: () => Promise<Result>,
): Promise<Result> {
  const startedMs = clock.nowMs()
  await writeIndex()
  if (clock.nowMs() - startedMs > ROW_WITHIN_MS) {
    throw new ChatError('unavailable', 'the index was written too slowly for its row')
  }
  return writeRow()
}
