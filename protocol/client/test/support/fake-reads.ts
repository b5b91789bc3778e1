import { ChatError, conversationIdFrom, formatResult } from '@satchel/protocol'
import type {
  ConversationId,
  RequestFrame,
  RequestFrameOf,
  ResultOf,
  UserId,
  WireForm,
} from '@satchel/protocol'
import type { FakeConversation } from './fake-conversation.ts'
import type { FakeUploads } from './fake-uploads.ts'

/** What the far end reads answers from. */
export interface FakeWorld {
  readonly conversations: ReadonlyMap<ConversationId, FakeConversation>
  readonly uploads: FakeUploads
  /** Nobody can say at the moment who may see what. */
  readonly areLinksAway: boolean
  now(): number
}

const LINK_LIFE_MS = 3_600_000

/** The far end's answer to everything that is no command, ready for its frame. */
export function readFor(
  world: FakeWorld,
  me: UserId,
  frame: RequestFrame,
  form: WireForm,
): unknown {
  const { uploads } = world
  switch (frame.type) {
    case 'auth':
      return formatResult('auth', {}, form)
    case 'history':
      return formatResult('history', history(world, me, frame), form)
    case 'conversation':
      return formatResult('conversation', wanted(world, me, frame).entryFor(me), form)
    case 'inbox':
      return formatResult('inbox', inbox(world, me, frame), form)
    case 'users':
      return formatResult(
        'users',
        { users: frame.ids.map((id) => ({ id, name: `Name ${id}` })) },
        form,
      )
    case 'watch_presence':
      return formatResult(
        'watch_presence',
        { presence: frame.ids.map((userId) => ({ userId, online: true })) },
        form,
      )
    case 'links':
      return formatResult('links', links(world, frame), form)
    case 'begin_upload':
      return formatResult('begin_upload', uploads.begin(frame.upload), form)
    case 'upload_parts':
      return formatResult('upload_parts', uploads.parts(frame.attachmentId, frame.parts), form)
    case 'upload_status':
      return formatResult('upload_status', uploads.status(frame.attachmentId), form)
    case 'forward_attachment':
      return formatResult('forward_attachment', uploads.forward(frame.forward), form)
    case 'complete_upload':
      return formatResult('complete_upload', uploads.complete(frame.attachmentId), form)
    case 'abort_upload':
      return formatResult('abort_upload', uploads.abort(frame.attachmentId), form)
    default:
      throw new ChatError('unknown_op', `the far end does not know ${frame.type}`)
  }
}

function history(
  world: FakeWorld,
  me: UserId,
  { conversationId, before, after, around, limit = 50 }: RequestFrameOf<'history'>,
): ResultOf<'history'> {
  const conversation = memberOf(world, me, conversationId)
  const last = conversation.seq
  let to = (before ?? last + 1) - 1
  let from = Math.max(to - limit + 1, 1)
  if (after !== undefined) [from, to] = [after + 1, Math.min(after + limit, last)]
  if (around !== undefined) {
    from = Math.max(around - Math.floor(limit / 2), 1)
    to = Math.min(from + limit - 1, last)
  }
  const more = after === undefined ? from > 1 : to < last
  return { events: conversation.readEvents(from, to, me), head: conversation.head, more }
}

function inbox(
  world: FakeWorld,
  me: UserId,
  { beforeMs = Infinity, beforeId, limit = 100 }: RequestFrameOf<'inbox'>,
): ResultOf<'inbox'> {
  const entries = [...world.conversations.values()]
    .filter(({ members }) => members.has(me))
    .map((conversation) => conversation.entryFor(me))
    .filter(
      ({ head: { timeMs }, conversationId }) =>
        timeMs < beforeMs ||
        (timeMs === beforeMs && beforeId !== undefined && conversationId > beforeId),
    )
    .sort((a, b) => b.head.timeMs - a.head.timeMs || (a.conversationId < b.conversationId ? -1 : 1))
  return { conversations: entries.slice(0, limit), more: entries.length > limit }
}

function links(world: FakeWorld, { wanted }: RequestFrameOf<'links'>): ResultOf<'links'> {
  const expiresAtMs = world.now() + LINK_LIFE_MS
  return {
    links: wanted.map(({ attachmentId, variant }) =>
      world.areLinksAway || variant === 'missing'
        ? { error: world.areLinksAway ? 'unavailable' : 'no_such_attachment' }
        : { url: `/m/${attachmentId}/${variant}?t=${String(world.now())}`, expiresAtMs },
    ),
  }
}

function wanted(
  world: FakeWorld,
  me: UserId,
  { conversationId, to }: RequestFrameOf<'conversation'>,
): FakeConversation {
  if (to !== undefined) return memberOf(world, me, directIdOf(me, to))
  if (conversationId !== undefined) return memberOf(world, me, conversationId)
  throw new ChatError('bad_request', 'name either conversationId or to')
}

/** As good as a hash, for short names. */
export function directIdOf(me: UserId, peer: UserId): ConversationId {
  const pair = [me, peer].sort().join('+')
  return conversationIdFrom('direct', new TextEncoder().encode(pair.padEnd(16, '.')))
}

function memberOf(world: FakeWorld, me: UserId, id: ConversationId): FakeConversation {
  const conversation = world.conversations.get(id)
  if (conversation?.members.has(me) !== true) {
    throw new ChatError('no_such_conversation', `${me} knows no ${id}`)
  }
  return conversation
}
