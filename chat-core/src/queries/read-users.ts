import { LIMITS, type User, type UserId } from '@satchel/protocol'
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
export async function acquaintances(
  deps: PeopleDeps,
  userId: UserId,
): Promise<ReadonlySet<UserId>> {
  const known = new Set<UserId>()
  for (const { conversationId } of await deps.inbox.list(userId, { limit: ACQUAINTED_THROUGH })) {
    for (const member of await deps.members.list(conversationId, { limit: MEMBERS_LOOKED_AT }))
      known.add(member.userId)
  }
  known.delete(userId)
  return known
}

/** Whether two people share a conversation: who may see whose presence. */
export async function areAcquainted(
  deps: PeopleDeps,
  userId: UserId,
  others: readonly UserId[],
): Promise<readonly UserId[]> {
  const rows = await deps.inbox.list(userId, { limit: LIMITS.conversationsInWelcome * 10 })
  const shared = await Promise.all(
    others.map(async (other) => {
      if (other === userId) return true
      for (const { conversationId } of rows) {
        if ((await deps.members.read(conversationId, other)) !== undefined) return true
      }
      return false
    }),
  )
  return others.filter((_, index) => shared[index])
}
