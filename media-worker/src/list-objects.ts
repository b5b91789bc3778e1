import type { ObjectStore } from '@satchel/chat-core/ports'

const PAGE = 500

/** All keys that start with `prefix`, in their order, behind `after`; read in pages. */
export async function* listObjects(
  objects: Pick<ObjectStore, 'list'>,
  prefix: string,
  after?: string,
): AsyncGenerator<string> {
  for (let last = after; ;) {
    const keys = await objects.list(prefix, { after: last, limit: PAGE })
    yield* keys
    last = keys.at(-1)
    if (keys.length < PAGE) return
  }
}
