import assert from 'node:assert/strict'
import {
  newAttachmentId,
  newBlobKey,
  type AttachmentId,
  type ConversationId,
  type UploadState,
} from '@satchel/protocol'
import { callHttp } from '../http-client.ts'
import type { SocketClient } from '../socket-client.ts'
import type { TestServer } from '../test-server.ts'
import { aliceWithGroup, httpRefusal, refusal, type Provocations } from './provocation.ts'

export const ofMedia: Provocations = {
  too_large: {
    options: { environment: { SATCHEL_UPLOAD_MAX_BYTES: '1000' } },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(begin(alice, conversationId, { sizeBytes: 1_001 }))
    },
  },
  type_not_allowed: {
    options: { environment: { SATCHEL_UPLOAD_TYPES_REFUSED: 'application/*' } },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(begin(alice, conversationId, { sizeBytes: 1, type: 'application/zip' }))
    },
  },
  quota_exceeded: {
    options: { environment: { SATCHEL_UPLOAD_BYTES_PER_DAY: '1000' } },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      await begin(alice, conversationId, { sizeBytes: 900 })
      return refusal(begin(alice, conversationId, { sizeBytes: 200 }))
    },
  },
  too_many_uploads: {
    // Its uploads stay.
    options: {},
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      for (let index = 0; index < 10; index++) await begin(alice, conversationId, { sizeBytes: 1 })
      return refusal(begin(alice, conversationId, { sizeBytes: 1 }))
    },
  },
  attachment_taken: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const { attachmentId } = await begin(alice, conversationId, { sizeBytes: 1 })
      return refusal(begin(alice, conversationId, { sizeBytes: 2, attachmentId }))
    },
  },
  parts_missing: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const { attachmentId } = await begin(alice, conversationId, { sizeBytes: 1 })
      return refusal(alice.request('complete_upload', { attachmentId }))
    },
  },
  file_changed: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const upload = await begin(alice, conversationId, { sizeBytes: 5 })
      const { error } = await putAll(server, upload, 'too long')
      return error?.code ?? 'none'
    },
  },
  upload_state: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const upload = await begin(alice, conversationId, { sizeBytes: 5 })
      const { attachmentId } = upload
      await putAll(server, upload, 'hello')
      await alice.request('complete_upload', { attachmentId })
      return refusal(alice.request('upload_parts', { attachmentId, parts: [0] }))
    },
  },
  no_such_attachment: {
    provoke: async (server) =>
      refusal(
        (await server.signIn('alice')).request('upload_status', {
          attachmentId: newAttachmentId(),
        }),
      ),
  },
  link_invalid: { provoke: ({ url }) => httpRefusal('GET', `${url}/m/made/up.webp?e=1&s=x`) },
  link_expired: {
    async provoke(server) {
      const { links } = server.server.gateway.media.links
      const target = { pipelineVersion: 1, variant: 'original', contentType: 'text/plain' }
      const { url } = links.sign({ ...target, blob: newBlobKey() }, 0)
      return httpRefusal('GET', new URL(url, server.url).href)
    },
  },
  range_not_satisfiable: {
    provoke: async (server) =>
      httpRefusal('GET', await readyLink(server), { range: 'bytes=1000-' }),
  },
}

function begin(
  client: SocketClient,
  conversationId: ConversationId,
  wanted: {
    readonly sizeBytes: number
    readonly attachmentId?: AttachmentId
    readonly type?: string
  },
): Promise<UploadState> {
  const { sizeBytes, attachmentId = newAttachmentId(), type = 'text/plain' } = wanted
  return client.request('begin_upload', {
    upload: { attachmentId, conversationId, name: 'notes.txt', sizeBytes, contentType: type },
  })
}

async function putAll(server: TestServer, upload: UploadState, body: string) {
  const url = new URL(upload.urls[0]?.url ?? '', server.url)
  return callHttp('PUT', url.href, { body })
}

/** A link to a small file, ready and in a message. */
async function readyLink(server: TestServer): Promise<string> {
  const [alice, conversationId] = await aliceWithGroup(server)
  const upload = await begin(alice, conversationId, { sizeBytes: 5 })
  const { attachmentId } = upload
  await putAll(server, upload, 'hello')
  await alice.request('complete_upload', { attachmentId })
  const command = { kind: 'send_message', attachments: [{ id: attachmentId }] } as const
  const { seq = 0 } = await alice.command({ conversationId }, command)
  let url: string | undefined
  await alice.until('event', ({ event }) => event.content.kind === 'attachment_updated', 20_000)
  const wanted = [{ conversationId, seq, attachmentId, variant: 'original' }]
  for (const link of (await alice.request('links', { wanted })).links) url = link.url
  assert.ok(url)
  return new URL(url, server.url).href
}
