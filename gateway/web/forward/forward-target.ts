import type { InboxEntry, User } from '@satchel/protocol'
import { conversationTitle } from '../conversation/conversation-title.ts'
import type { Names } from '../people/names.ts'
import type { Place } from '../session/place.ts'
import { count } from '../words/list-words.ts'

/** Where a message can be forwarded to. */
export interface ForwardTarget {
  /** Names it in the list, and decides its colour. */
  readonly id: string
  readonly place: Place
  readonly title: string
  readonly note?: string
  readonly isShared: boolean
}

interface TargetSources {
  readonly entries: readonly InboxEntry[]
  readonly people: readonly User[]
  readonly query: string
  /** Where the message is. */
  readonly from: { readonly id: string | undefined; readonly peerId: string | undefined }
}

/** The conversations the user may write in, latest first, then people without one. Those whose name has `query` in it. */
export function listTargets(
  { entries, people, query, from }: TargetSources,
  names: Names,
  myId: string,
): readonly ForwardTarget[] {
  const peers = new Set([from.peerId, ...entries.map(({ peerId }) => peerId)])
  const open = entries.filter(
    ({ conversationId, role, deleted }) =>
      conversationId !== from.id && role !== undefined && deleted !== true,
  )
  const all = [
    ...open.map((entry) => targetOf(entry, names, myId)),
    ...people.filter(({ id }) => !peers.has(id)).map(personOf),
  ]
  const wanted = query.trim().toLocaleLowerCase()
  return all.filter(({ title }) => title.toLocaleLowerCase().includes(wanted))
}

function targetOf(entry: InboxEntry, names: Names, myId: string): ForwardTarget {
  const { conversationId, conversationKind: kind, peerId, memberCount } = entry
  const isShared = kind !== 'direct'
  return {
    id: peerId ?? conversationId,
    place: { conversationId },
    title: conversationTitle({ kind, title: entry.title, peerId }, names, myId),
    ...(isShared ? { note: count(memberCount, 'member') } : {}),
    isShared,
  }
}

function personOf({ id, name = id }: User): ForwardTarget {
  return { id, place: { peerId: id }, title: name, isShared: false }
}
