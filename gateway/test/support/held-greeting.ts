import type { TestContext } from 'node:test'
import type { Backend } from '@satchel/chat-core/backends'
import type { UserId } from '@satchel/protocol'

/** Greetings of a user that stop where their conversations are listed, until `goOn` or the end of the test. */
export interface HeldGreeting {
  readonly wrapBackend: (backend: Backend) => Backend
  /** Settles when one has come that far. */
  readonly isGreeting: Promise<undefined>
  readonly goOn: () => void
}

export function holdGreeting(context: TestContext, user: UserId): HeldGreeting {
  const greeting = Promise.withResolvers<undefined>()
  const permission = Promise.withResolvers<undefined>()
  const goOn = (): void => permission.resolve(undefined)
  context.after(goOn)
  return {
    isGreeting: greeting.promise,
    goOn,
    wrapBackend: (backend) => ({
      ...backend,
      inbox: {
        ...backend.inbox,
        list: async (userId, options) => {
          const found = await backend.inbox.list(userId, options)
          if (userId !== user) return found
          greeting.resolve(undefined)
          await permission.promise
          return found
        },
      },
    }),
  }
}
