import type { Conversation } from '@satchel/client'
import type { Member } from '@satchel/protocol'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'

const LIMIT = 100

/** The first hundred members; read again when somebody comes, goes, or gets another role. */
export function useMembers(conversation: Conversation | undefined): readonly Member[] {
  const { names } = useSession()
  const [members, setMembers] = useState<readonly Member[]>([])
  const id = conversation?.id
  useEffect(() => {
    if (conversation === undefined || id === undefined) {
      setMembers([])
      return undefined
    }
    let isCurrent = true
    const read = (): void => {
      conversation.members({ limit: LIMIT }).then(
        (page) => {
          if (!isCurrent) return
          for (const { userId } of page.members) names.nameOf(userId)
          setMembers(page.members)
        },
        // The next change, or opening it again, is the next try.
        () => undefined,
      )
    }
    read()
    const stop = conversation.on('event', ({ content }) => {
      if (
        /^(members_added|member_removed|member_left|role_changed|user_erased)$/.test(content.kind)
      )
        read()
    })
    return () => {
      isCurrent = false
      stop()
    }
  }, [conversation, id, names])
  return members
}
