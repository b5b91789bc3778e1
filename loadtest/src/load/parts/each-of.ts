const AT_ONCE = 32

/** Does it for each of them, some at once, the first ones first. Rejects with the first that fails. */
export async function eachOf<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = [...items].reverse()
  const line = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await act(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
}
