/**
 * The first `limit` rows that are not removed (as `parse` says by `undefined`), from a table whose removed rows stay
 * as empty ones: asks for further pages as long as it takes.
 */
export async function readLiveRows<Row, Live>(
  limit: number,
  readPage: (after: Row | undefined, size: number) => Promise<readonly Row[]>,
  liveOf: (row: Row) => Live | undefined,
): Promise<readonly Live[]> {
  const live: Live[] = []
  for (let after: Row | undefined; ;) {
    const size = Math.max(limit - live.length, LEAST_PAGE)
    const page = await readPage(after, size)
    for (const row of page) {
      const one = liveOf(row)
      if (one !== undefined) live.push(one)
    }
    after = page.at(-1)
    if (live.length >= limit || page.length < size) return live.slice(0, limit)
  }
}

const LEAST_PAGE = 100
