import { findPeople, readUsers, type PeopleDeps } from '@satchel/chat-core'
import { requireCapability } from '../../tokens/require-capability.ts'
import type { PresenceSignals } from '../signals/presence-signals.ts'
import type { RequestHandlers } from './request-handlers.ts'

export interface PeopleRequestsDeps {
  readonly queries: PeopleDeps
  readonly presence: PresenceSignals
  /** Everybody finds everybody. */
  readonly directory: boolean
}

type PeopleRequest = 'people' | 'users' | 'update_profile' | 'watch_presence'

/** Who there is, and who is there. */
export function createPeopleRequests(
  deps: PeopleRequestsDeps,
): Pick<RequestHandlers, PeopleRequest> {
  const { queries, presence, directory } = deps
  return {
    people: async (session, { prefix, limit }) => ({
      users: await findPeople(queries, session.userId, prefix, { directory, limit }),
    }),

    users: async (_session, { ids }) => ({ users: await readUsers(queries, ids) }),

    async update_profile({ userId, identity }, { profile: { name, avatar } }) {
      requireCapability(identity, 'profile')
      return queries.users.writeOwn({ id: userId, name, avatar })
    },

    watch_presence: async (session, { ids }) => ({ presence: await presence.watch(session, ids) }),
  }
}
