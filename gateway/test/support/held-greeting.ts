import type { TestContext } from 'node:test'
import type { Backend } from '@satchel/chat-core/backends'
import type { UserId } from '@satchel/protocol'

/** Greetings that stop, until `goOn` or the end of the test. */
export interface HeldGreeting {
  readonly wrapBackend: (backend: Backend) => Backend
  /** Settles when one has come that far. */
  readonly isGreeting: Promise<undefined>
  readonly goOn: () => void
}

/** Those of a user, where their conversations are listed. */
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

/** The next one, when it has read where its conversations stand. */
export function holdComparing(context: TestContext): HeldGreeting & { readonly hold: () => void } {
  const greeting = Promise.withResolvers<undefined>()
  const permission = Promise.withResolvers<undefined>()
  const goOn = (): void => permission.resolve(undefined)
  let isHeld = false
  context.after(goOn)
  return {
    isGreeting: greeting.promise,
    goOn,
    hold: () => (isHeld = true),
    wrapBackend: (backend) => ({
      ...backend,
      heads: {
        read: async (ids) => {
          const found = await backend.heads.read(ids)
          if (!isHeld) return found
          greeting.resolve(undefined)
          await permission.promise
          return found
        },
        publish: (heads) => backend.heads.publish(heads),
      },
    }),
  }
}
