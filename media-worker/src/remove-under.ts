import type { ObjectStore } from '@satchel/chat-core/ports'

const PAGE = 100

/** Removes all objects whose keys start with `prefix`. */
export async function removeUnder(
  objects: Pick<ObjectStore, 'list' | 'remove'>,
  prefix: string,
): Promise<void> {
  for (;;) {
    const keys = await objects.list(prefix, { limit: PAGE })
    await objects.remove(keys)
    if (keys.length < PAGE) return
  }
}
