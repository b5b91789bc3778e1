import type { Conversation, Message } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'

/** A pinned message, wherever in the conversation it is; `undefined` until it is read. */
export function usePinnedMessage(
  conversation: Conversation,
  seq: number | undefined,
): Message | undefined {
  const [read, setRead] = useState<Message | undefined>()
  const loaded = conversation.messages.find((message) => message.seq === seq)
  const isLoaded = loaded !== undefined
  useEffect(() => {
    if (seq === undefined || isLoaded) return undefined
    let isCurrent = true
    conversation.message(seq).then(
      (message) => isCurrent && setRead(message),
      // It is still there to be gone to, without its words.
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [conversation, seq, isLoaded])
  if (seq === undefined) return undefined
  return loaded ?? (read?.seq === seq ? read : undefined)
}
