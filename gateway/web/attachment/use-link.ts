import type { MessageAttachment } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'

/** The URL of a variant; `undefined` until it is known. `failed` counts what did not load: each one asks anew. */
export function useLink(
  attachment: MessageAttachment,
  variant: string | undefined,
  failed = 0,
): string | undefined {
  const { chat } = useSession()
  const [url, setUrl] = useState<string | undefined>()
  const { id, conversationId, seq } = attachment
  useEffect(() => {
    if (variant === undefined || seq === undefined) {
      setUrl(undefined)
      return undefined
    }
    let isCurrent = true
    chat.link(attachment, variant).then(
      (link) => {
        if (isCurrent) setUrl(link)
      },
      () => {
        if (isCurrent) setUrl(undefined)
      },
    )
    return () => {
      isCurrent = false
    }
    // The attachment is another object after each change; what names its bytes is not.
  }, [chat, id, conversationId, seq, variant, failed])
  return url
}
