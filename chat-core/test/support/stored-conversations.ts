import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openEmbeddedConversationStore } from '../../src/adapters/embedded/conversation-store.ts'
import { openEmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts'
import type { ConversationStore } from '../../src/ports/conversation-store.ts'

/** Conversations in a folder of the test's own, for what is asked of those who own them. */
export async function openStoredConversations(test: TestContext): Promise<ConversationStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-conversations-'))
  const store = await openEmbeddedStore({ dataDir, pid: process.pid })
  test.after(async () => {
    await store.close()
    await rm(dataDir, { recursive: true })
  })
  return openEmbeddedConversationStore(store)
}
