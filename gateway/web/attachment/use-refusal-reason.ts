import type { MessageAttachment } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'

/** Why an attachment is not there: messages do not say it of a rejected one, its sender may ask. */
export function useRefusalReason(
  { id, state, reason }: MessageAttachment,
  isOwn: boolean,
): string | undefined {
  const { chat } = useSession()
  const [told, setTold] = useState<string | undefined>()
  const isAsked = isOwn && state === 'rejected' && reason === undefined
  useEffect(() => {
    if (!isAsked) return undefined
    let isCurrent = true
    chat.uploadReason(id).then(
      (answer) => {
        if (isCurrent) setTold(answer)
      },
      // What the message itself says will do.
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [chat, id, isAsked])
  return reason ?? told
}
