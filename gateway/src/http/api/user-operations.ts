import { ChatError, schema, userId } from '@satchel/protocol'
import { findPeople, readUsers, type InboxDeps } from '@satchel/chat-core'
import type { Users } from '@satchel/chat-core/ports'
import { endSessions, type EndSessionsDeps } from '../../end-sessions.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import { apiProfile, apiUser, apiUsers, nothing } from './api-schemas.ts'

export interface UserOperationsDeps extends EndSessionsDeps {
  readonly queries: InboxDeps & { readonly users: Users }
  readonly directory: boolean
}

const { integer, list, optional, text } = schema
const url = '/v1/users/{userId}'

export function userOperations(deps: UserOperationsDeps): readonly AnyApiOperation[] {
  return [...readingOperations(deps), ...changingOperations(deps)]
}

function readingOperations({ queries, directory }: UserOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'findUsers',
      summary: 'Users by their ids, or whose id or name starts with `prefix`.',
      method: 'GET',
      url: '/v1/users',
      permission: 'user',
      path: {},
      query: {
        ids: optional(list(userId, 50)),
        prefix: optional(text(64)),
        limit: optional(integer(1, 50)),
      },
      status: 200,
      result: apiUsers,
      async run({ userId: asking, query: { ids, prefix = '', limit } }) {
        if (ids !== undefined) return { users: await readUsers(queries, ids) }
        return { users: await findPeople(queries, asking, prefix, { directory, limit }) }
      },
    }),
    operation({
      id: 'readUser',
      summary: 'A user’s profile.',
      method: 'GET',
      url,
      permission: 'user',
      path: { userId },
      query: {},
      status: 200,
      result: apiUser,
      async run({ path }) {
        const [user] = await queries.users.read([path.userId])
        if (user === undefined)
          throw new ChatError('no_such_user', `nobody has used the id ${path.userId}`)
        return user
      },
    }),
  ]
}

function changingOperations(deps: UserOperationsDeps): readonly AnyApiOperation[] {
  const { queries } = deps
  return [
    operation({
      id: 'writeUser',
      summary: 'Writes a user’s profile whole.',
      method: 'PUT',
      url,
      permission: 'server',
      path: { userId },
      query: {},
      body: apiProfile,
      status: 200,
      result: apiUser,
      async run({ path, body }) {
        const user = { id: path.userId, ...body }
        await queries.users.write(user)
        return user
      },
    }),
    operation({
      id: 'endSessions',
      summary: 'Ends every session of the user.',
      method: 'DELETE',
      url: `${url}/sessions`,
      permission: 'server',
      path: { userId },
      query: {},
      status: 200,
      result: nothing,
      async run({ path }) {
        await endSessions(deps, path.userId)
        return {}
      },
    }),
  ]
}
