import assert from 'node:assert/strict'
import {
  ChatError,
  newAttachmentId,
  newBlobKey,
  newConversationId,
  newOutboxId,
  type AttachmentId,
  type ConversationId,
  type ErrorCode,
  type UploadState,
} from '@satchel/protocol'
import { callHttp } from './http-client.ts'
import type { SocketClient } from './socket-client.ts'
import { userIdOf, type TestServer, type TestServerOptions } from './test-server.ts'

/** How to make a server answer with one error code, over a real socket or HTTP call. */
export interface Provocation {
  readonly options?: TestServerOptions
  /** Gives the code it was answered with. */
  readonly provoke: (server: TestServer) => Promise<string>
}

const bob = userIdOf('bob')
const unlimited = { environment: { SATCHEL_LIMITS: 'off' } }

/** The code a promise is refused with; the registry's names are all there is. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChatError)) throw new Error('it was not refused', { cause: error })
  return error.code
}

async function httpRefusal(method: string, url: string, headers?: Record<string, string>) {
  const { error } = await callHttp(method, url, headers === undefined ? {} : { headers })
  return error?.code ?? 'none'
}

async function aliceWithGroup(server: TestServer): Promise<[SocketClient, ConversationId]> {
  const alice = await server.signIn('alice')
  return [alice, await alice.group(bob)]
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

const inConversations: Partial<Record<ErrorCode, Provocation>> = {
  not_a_member: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      return refusal((await server.signIn('carol')).request('history', { conversationId }))
    },
  },
  not_allowed: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      const client = await server.signIn('bob')
      return refusal(client.command({ conversationId }, { kind: 'delete_conversation' }))
    },
  },
  no_such_conversation: {
    provoke: async (server) =>
      refusal((await server.signIn('alice')).say(newConversationId('group'), 'anybody?')),
  },
  no_such_message: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(alice.command({ conversationId }, { kind: 'delete_message', target: 99 }))
    },
  },
  conversation_exists: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      const command = { kind: 'create_conversation', conversationKind: 'group' } as const
      return refusal((await server.signIn('bob')).command({ conversationId }, command))
    },
  },
  conversation_deleted: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      await alice.command({ conversationId }, { kind: 'delete_conversation' })
      return refusal(alice.say(conversationId, 'still there?'))
    },
  },
  last_owner: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(alice.command({ conversationId }, { kind: 'leave_conversation' }))
    },
  },
  too_many_members: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      for (let batch = 0; batch < 250; batch++) {
        const userIds = Array.from({ length: 50 }, (_, index) => userIdOf(`m${batch}-${index}`))
        const added = await refusal(
          alice.command({ conversationId }, { kind: 'add_members', userIds }),
        ).catch(() => undefined)
        if (added !== undefined) return added
      }
      return 'none'
    },
  },
  too_many_pins: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      for (let index = 0; index < 50; index++) {
        const { seq = 0 } = await alice.say(conversationId, 'pin me')
        await alice.command({ conversationId }, { kind: 'pin_message', target: seq })
      }
      const { seq = 0 } = await alice.say(conversationId, 'me too')
      return refusal(alice.command({ conversationId }, { kind: 'pin_message', target: seq }))
    },
  },
  too_many_reactions: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const { seq: target = 0 } = await alice.say(conversationId, 'react')
      const react = (index: number): Promise<unknown> => {
        const emoji = String.fromCodePoint(0x1f600 + index)
        return alice.command({ conversationId }, { kind: 'react', target, emoji })
      }
      for (let index = 0; index < 20; index++) await react(index)
      return refusal(react(20))
    },
  },
}

const ofCommands: Partial<Record<ErrorCode, Provocation>> = {
  bad_request: {
    async provoke(server) {
      const alice = await server.signIn('alice')
      const commandId = { outbox: newOutboxId(), counter: 1 }
      const command = { kind: 'send_message', text: 'to nobody' } as const
      return refusal(alice.request('command', { commandId, command }))
    },
  },
  outbox_conflict: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const commandId = { outbox: newOutboxId(), counter: 1 }
      const say = (text: string): Promise<unknown> =>
        alice.request('command', {
          commandId,
          conversationId,
          command: { kind: 'send_message', text },
        })
      await say('one')
      return refusal(say('another'))
    },
  },
  too_late: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const outbox = newOutboxId()
      const say = (counter: number): Promise<unknown> =>
        alice.request('command', {
          commandId: { outbox, counter },
          conversationId,
          command: { kind: 'send_message', text: String(counter) },
        })
      await say(40)
      return refusal(say(2))
    },
  },
  rate_limited: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const codes = await flood(alice, conversationId)
      return codes[0] ?? 'none'
    },
  },
  restart_required: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      await flood(alice, conversationId)
      // As soon as there is a token again, it is not the limit that refuses.
      for (;;) {
        const code = await refusal(alice.say(conversationId, 'again'))
        if (code !== 'rate_limited') return code
      }
    },
  },
  storage_full: {
    options: { limitBytes: () => limits.bytes },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      limits.bytes = 0
      try {
        return await refusal(alice.say(conversationId, 'no room'))
      } finally {
        limits.bytes = Number.MAX_SAFE_INTEGER
      }
    },
  },
  retry: {
    options: {
      limitBytes: () => {
        if (limits.broken) throw new Error('the disk does not answer')
        return Number.MAX_SAFE_INTEGER
      },
    },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      limits.broken = true
      try {
        return await refusal(alice.say(conversationId, 'lost?'))
      } finally {
        limits.broken = false
      }
    },
  },
}

/** What stands in for the disk of the two tests above. */
const limits = { bytes: Number.MAX_SAFE_INTEGER, broken: false }

async function flood(client: SocketClient, conversationId: ConversationId): Promise<string[]> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => client.say(conversationId, 'quick')),
  )
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' && outcome.reason instanceof ChatError
      ? [outcome.reason.code]
      : [],
  )
}

const ofSessions: Partial<Record<ErrorCode, Provocation>> = {
  unauthenticated: {
    provoke: async (server) => refusal((await server.connect()).hello('no token')),
  },
  token_expired: {
    async provoke(server) {
      const token = await server.tokenOf('alice', { lifetimeMs: -60_000 })
      return refusal((await server.connect()).hello(token))
    },
  },
  forbidden: {
    async provoke(server) {
      const alice = await server.connect()
      await alice.hello(await server.tokenOf('alice', { capabilities: [] }))
      return refusal(alice.say(newConversationId('group'), 'may I?'))
    },
  },
  too_many_sessions: {
    options: { environment: { SATCHEL_MAX_SESSIONS: '1' } },
    async provoke(server) {
      await server.signIn('alice')
      return refusal(server.signIn('bob'))
    },
  },
  unavailable: {
    options: { environment: { SATCHEL_TOKEN_JWKS_URL: 'http://127.0.0.1:1/keys' } },
    provoke: async (server) =>
      refusal((await server.connect()).hello(await server.foreignToken('alice'))),
  },
  unknown_op: {
    async provoke(server) {
      const alice = await server.signIn('alice', 'json')
      return refusal(alice.rawRequest((requestId) => `[59,${requestId}]`))
    },
  },
  bad_frame: {
    async provoke(server) {
      const alice = await server.signIn('alice')
      alice.raw(Uint8Array.of(0xc1))
      return (await alice.untilClosed()).reason
    },
  },
}

/** A web client that does not bundle; only the server is to notice. */
const unbundled = Promise.reject(new Error('it does not bundle'))
unbundled.catch(() => undefined)

const overHttp: Partial<Record<ErrorCode, Provocation>> = {
  no_such_route: { provoke: ({ url }) => httpRefusal('GET', `${url}/v1/nowhere`) },
  method_not_allowed: { provoke: ({ url }) => httpRefusal('PUT', `${url}/live`) },
  no_such_user: {
    async provoke({ url, serverKey }) {
      const { error } = await callHttp('GET', `${url}/v1/users/nobody`, {
        bearer: serverKey,
        user: 'alice',
      })
      return error?.code ?? 'none'
    },
  },
  internal: {
    options: { webClient: unbundled },
    provoke: ({ url }) => httpRefusal('GET', `${url}/`),
  },
  draining: {
    options: { environment: { SATCHEL_DRAIN_MS: '2000' } },
    async provoke(server) {
      const alice = await server.signIn('alice')
      const connection = await server.keepAlive()
      const leaving = server.server.drain()
      await alice.until('goaway')
      const answer = await connection.get('/ready')
      alice.close()
      await leaving
      return /"code":"(\w+)"/.exec(answer)?.[1] ?? 'none'
    },
  },
}

const ofMedia: Partial<Record<ErrorCode, Provocation>> = {
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

export const PROVOCATIONS: Partial<Record<ErrorCode, Provocation>> = {
  ...inConversations,
  ...ofCommands,
  ...ofSessions,
  ...overHttp,
  ...ofMedia,
}
