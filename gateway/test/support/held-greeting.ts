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
  const { hold, ...held } = openHold(context)
  return {
    ...held,
    wrapBackend: (backend) => ({
      ...backend,
      inbox: {
        ...backend.inbox,
        list: async (userId, options) => {
          const found = await backend.inbox.list(userId, options)
          if (userId === user) await hold()
          return found
        },
      },
    }),
  }
}

/** From `begin` on, those that have read where their conversations stand. */
export function holdComparing(context: TestContext): HeldGreeting & { readonly begin: () => void } {
  const { hold, ...held } = openHold(context)
  let isHeld = false
  return {
    ...held,
    begin: () => (isHeld = true),
    wrapBackend: (backend) => ({
      ...backend,
      heads: {
        read: async (ids) => {
          const found = await backend.heads.read(ids)
          if (isHeld) await hold()
          return found
        },
        publish: (heads) => backend.heads.publish(heads),
      },
    }),
  }
}

function openHold(context: TestContext) {
  const greeting = Promise.withResolvers<undefined>()
  const permission = Promise.withResolvers<undefined>()
  const goOn = (): void => permission.resolve(undefined)
  context.after(goOn)
  const hold = (): Promise<undefined> => {
    greeting.resolve(undefined)
    return permission.promise
  }
  return { isGreeting: greeting.promise, goOn, hold }
}
