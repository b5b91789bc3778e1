import type { Clock, ObjectStore } from '@satchel/chat-core/ports'
import { readWalkProgress, writeWalkProgress, type WalkName } from './walk-progress.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** What one round may look at, so that it ends within seconds. */
const ROWS_PER_ROUND = 20_000

/** Once a day over all rows of a kind. */
export interface DailyWalk<Id extends string, Row> {
  readonly name: WalkName
  readonly rows: (after: Id | undefined) => AsyncIterable<Row>
  readonly idOf: (row: Row) => Id
  readonly parseId: (text: string) => Id | undefined
  /** Whether there was something to do with the row. Twice must be the same as once. */
  readonly visit: (row: Row, day: number) => Promise<boolean>
  /** Of rows with something to do. */
  readonly visitsPerRound: number
}

/**
 * Goes on with today's walk where it stopped, a little each time it is called; gives with how many rows there was
 * something to do. Two at once, anywhere, visit some of them twice.
 */
export async function walkDaily<Id extends string, Row>(
  {
    objects,
    clock,
  }: { readonly objects: Pick<ObjectStore, 'read' | 'put'>; readonly clock: Clock },
  { name, rows, idOf, parseId, visit, visitsPerRound }: DailyWalk<Id, Row>,
): Promise<number> {
  const day = Math.floor(clock.nowMs() / DAY_MS)
  const progress = await readWalkProgress(objects, name, { day, parseId })
  if (progress.isOver) return 0
  let { after } = progress
  let seen = 0
  let visited = 0
  for await (const row of rows(after)) {
    if (await visit(row, day)) visited++
    after = idOf(row)
    if (++seen >= ROWS_PER_ROUND || visited >= visitsPerRound) {
      await writeWalkProgress(objects, name, { day, after, isOver: false })
      return visited
    }
  }
  await writeWalkProgress(objects, name, { day, after, isOver: true })
  return visited
}
