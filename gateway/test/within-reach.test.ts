import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backend } from '@satchel/chat-core/backends'
import type { UploadRequest } from '@satchel/chat-core/ports'
import { newAttachmentId, newConversationId, type ConversationId } from '@satchel/protocol'
import { withinReach } from '../src/socket/within-reach.ts'
import { userIdOf } from './test-server.ts'

test('media workers are not asked for uploads to conversations that are out of reach', async () => {
  const away = newConversationId('group')
  const asked: string[] = []
  const uploadRequests = {
    ask: (_: unknown, { type }: UploadRequest) => {
      asked.push(type)
      return Promise.resolve(undefined)
    },
  }
  const backend = { members: {}, cluster: { uploadRequests } } as unknown as Backend
  const { cluster } = withinReach(backend, { has: (conversationId) => conversationId === away })
  const attachmentId = newAttachmentId()
  const begin = (conversationId: ConversationId | undefined): UploadRequest => ({
    type: 'begin_upload',
    upload: { attachmentId, conversationId, name: 'a', sizeBytes: 1, contentType: 'text/plain' },
  })
  const ask = (request: UploadRequest) => cluster?.uploadRequests.ask(userIdOf('alice'), request)

  await assert.rejects(async () => ask(begin(away)), { code: 'unavailable' })
  assert.deepEqual(asked, [])
  await ask(begin(newConversationId('group')))
  await ask(begin(undefined))
  await ask({ type: 'complete_upload', attachmentId })
  assert.deepEqual(asked, ['begin_upload', 'begin_upload', 'complete_upload'])
})
