/** Gives one after the other, over and over. */
export function inTurns<Item>(...items: readonly [Item, ...Item[]]): () => Item {
  let turn = 0
  return () => items[turn++ % items.length] ?? items[0]
}
