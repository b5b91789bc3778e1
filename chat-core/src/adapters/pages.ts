/**
 * One item after the other of what is read in pages: `read` gives those behind the last one (from the start
 * without one), and a page shorter than `limit` is the last.
 */
export async function* pages<Item>(
  limit: number,
  read: (last: Item | undefined) => Promise<readonly Item[]> | readonly Item[],
): AsyncGenerator<Item> {
  for (let last: Item | undefined; ;) {
    const page = await read(last)
    yield* page
    last = page.at(-1)
    if (page.length < limit) return
  }
}
