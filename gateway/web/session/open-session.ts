import { ChatClient, ChatError, createIndexedDbStorage } from '@satchel/client'
import { LocalPreviews } from '../attachment/local-previews.ts'
import { PlaybackSpeed } from '../audio/playback-speed.ts'
import { Names } from '../people/names.ts'
import { PresenceWatch } from '../people/presence-watch.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import { getToken } from '../sign-in/get-token.ts'
import { Toasts } from '../ui/toasts.ts'
import { describeError } from '../words/describe-error.ts'
import { deviceId } from './device-id.ts'
import { Drafts } from './drafts.ts'
import type { ChatSession } from './session-context.ts'

export interface OpenSession {
  readonly chat: ChatClient
  readonly close: () => void
}

export interface SessionHandlers {
  /** The server has said who the user is. */
  readonly onReady: (session: ChatSession) => void
  /** It will not have them; with why, in words. */
  readonly onRefused: (why?: string) => void
}

/** Connects, and brings together what the screen needs. */
export function openSession(credentials: Credentials, handlers: SessionHandlers): OpenSession {
  const chat = new ChatClient({
    url: socketUrl(location),
    getToken: () => getToken(credentials),
    deviceId: deviceId(),
    storage: createIndexedDbStorage(),
  })
  let isClosed = false
  chat.connect().then(
    () => {
      if (chat.me === undefined || isClosed) return
      const { id, name = id } = chat.me
      const previews = new LocalPreviews()
      handlers.onReady({
        chat,
        me: { id, name },
        names: new Names(chat),
        presence: new PresenceWatch(chat),
        previews,
        drafts: new Drafts(previews),
        speed: new PlaybackSpeed(),
        toasts: new Toasts(),
        signOut: () => handlers.onRefused(),
      })
    },
    (error: unknown) => {
      if (isClosed) return
      const isToken = error instanceof ChatError && error.code === 'unauthenticated'
      handlers.onRefused(isToken ? 'This token is not accepted.' : describeError(error))
    },
  )
  return {
    chat,
    close: () => {
      isClosed = true
      chat.close()
    },
  }
}

function socketUrl({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/v1/socket`
}
