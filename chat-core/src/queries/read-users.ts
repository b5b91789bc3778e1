import { LIMITS, type ConversationId, type User, type UserId } from '@satchel/protocol'
import type { Inbox } from '../ports/inbox.ts'
import type { Members } from '../ports/members.ts'
import type { Users } from '../ports/users.ts'

export interface PeopleDeps {
  readonly users: Users
  readonly inbox: Inbox
  readonly members: Members
}

const ACQUAINTED_THROUGH = 50
const MEMBERS_LOOKED_AT = 100
const CONVERSATIONS_AT_ONCE = 100

/** Profiles in the order asked; somebody never seen has just an id. */
export async function readUsers(
  deps: { readonly users: Users },
  ids: readonly UserId[],
): Promise<readonly User[]> {
  const found = await deps.users.read(ids)
  return ids.map((id, index) => found[index] ?? { id })
}

/** People to write to: everybody where the directory is open, otherwise those one shares a conversation with. */
export async function findPeople(
  deps: PeopleDeps,
  userId: UserId,
  prefix: string,
  options: { readonly directory: boolean; readonly limit?: number | undefined },
): Promise<readonly User[]> {
  const limit = Math.min(options.limit ?? 20, 50)
  if (options.directory) {
    const found = await deps.users.find(prefix, limit + 1)
    return found.filter(({ id }) => id !== userId).slice(0, limit)
  }
  const wanted = prefix.toLowerCase()
  const people = await readUsers(deps, [...(await acquaintances(deps, userId))])
  return people
    .filter(
      ({ id, name }) =>
        id.toLowerCase().startsWith(wanted) || name?.toLowerCase().startsWith(wanted) === true,
    )
    .slice(0, limit)
}

/** Users who share one of the user's first conversations, without the user. */
async function acquaintances(deps: PeopleDeps, userId: UserId): Promise<ReadonlySet<UserId>> {
  const known = new Set<UserId>()
  for (const { conversationId } of await deps.inbox.list(userId, { limit: ACQUAINTED_THROUGH })) {
    for (const member of await deps.members.list(conversationId, { limit: MEMBERS_LOOKED_AT }))
      known.add(member.userId)
  }
  known.delete(userId)
  return known
}

/**
 * Those who share one of the user's conversations: who may see whose presence. Asks for the conversations of
 * everybody rather than for everybody in each conversation, which would be a thousand times as often.
 */
export async function areAcquainted(
  { inbox }: Pick<PeopleDeps, 'inbox'>,
  userId: UserId,
  others: readonly UserId[],
): Promise<readonly UserId[]> {
  const rows = await inbox.list(userId, { limit: LIMITS.conversationsInWelcome * 10 })
  const own = new Set(rows.map(({ conversationId }) => conversationId))
  const asked = [...new Set(others)]
  const acquainted = await Promise.all(
    asked.map(async (other) => other === userId || sharesOneOf(inbox, own, other)),
  )
  return asked.filter((_, index) => acquainted[index])
}

async function sharesOneOf(
  inbox: Inbox,
  conversations: ReadonlySet<ConversationId>,
  userId: UserId,
): Promise<boolean> {
  let after: ConversationId | undefined
  for (;;) {
    const rows = await inbox.list(userId, { after, limit: CONVERSATIONS_AT_ONCE })
    if (rows.some(({ conversationId }) => conversations.has(conversationId))) return true
    if (rows.length < CONVERSATIONS_AT_ONCE) return false
    after = rows.at(-1)?.conversationId
  }
}
