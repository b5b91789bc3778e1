import type { ConversationId, User, UserId } from '@satchel/protocol'
import type { Inbox, InboxRow } from '../ports/inbox.ts'
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
/** How many conversations are looked at to find who knows whom: the own ones, and those of everybody asked about. */
const MOST_OWN = 1_000
const MOST_OF_OTHERS = 10_000
const OTHERS_AT_ONCE = 4

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
 * everybody rather than for everybody in each conversation, which would be a thousand times as often. Of those
 * who are in very many nobody can say for sure: they count as strangers where none is found soon enough.
 */
export async function areAcquainted(
  { inbox }: Pick<PeopleDeps, 'inbox'>,
  userId: UserId,
  others: readonly UserId[],
): Promise<readonly UserId[]> {
  const own = new Set<ConversationId>()
  for await (const rows of pagesOf(inbox, userId, { rows: MOST_OWN }))
    for (const { conversationId } of rows) own.add(conversationId)
  const left = { rows: MOST_OF_OTHERS }
  const shares = async (other: UserId): Promise<boolean> => {
    for await (const rows of pagesOf(inbox, other, left))
      if (rows.some(({ conversationId }) => own.has(conversationId))) return true
    return false
  }
  const asked = [...new Set(others)]
  const acquainted: UserId[] = []
  for (let from = 0; from < asked.length; from += OTHERS_AT_ONCE) {
    const some = asked.slice(from, from + OTHERS_AT_ONCE)
    const known = await Promise.all(some.map(async (other) => other === userId || shares(other)))
    acquainted.push(...some.filter((_, index) => known[index]))
  }
  return acquainted
}

/** A user's conversations, page by page, until there are no more or `left` is used up. */
async function* pagesOf(
  inbox: Inbox,
  userId: UserId,
  left: { rows: number },
): AsyncGenerator<readonly InboxRow[]> {
  let after: ConversationId | undefined
  while (left.rows > 0) {
    const limit = Math.min(CONVERSATIONS_AT_ONCE, left.rows)
    const rows = await inbox.list(userId, { after, limit })
    left.rows -= rows.length
    yield rows
    if (rows.length < limit) return
    after = rows.at(-1)?.conversationId
  }
}
