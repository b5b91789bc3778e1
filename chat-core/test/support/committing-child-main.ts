// Commits to the store of a folder until it is killed, and says on its output what has settled: one
// line per commit, `conversation seq`. Arguments: folder, conversation ids, length of the texts.
import { parseConversationId, type ConversationId } from '@satchel/protocol'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import { commitOfMessage } from './killed-conversation.ts'

const [dataDir = '', ids = '', textLength = '0'] = process.argv.slice(2)
const backend = await openEmbeddedBackend({
  dataDir,
  pid: process.pid,
  onListenerError(error) {
    throw error
  },
})

async function commitForEver(id: ConversationId): Promise<never> {
  const stored = await backend.conversations.read(id)
  const generation = (stored?.position.generation ?? 0) + 1
  for (let seq = (stored?.position.record ?? 0) + 1; ; seq++) {
    await backend.conversations.commit(commitOfMessage(id, generation, seq, Number(textLength)))
    process.stdout.write(`${id} ${seq}\n`)
  }
}

process.stdout.write('open\n')
await Promise.all(
  ids
    .split(',')
    .flatMap((id) => parseConversationId(id) ?? [])
    .map(commitForEver),
)
