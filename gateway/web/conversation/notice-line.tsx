import type { ConversationEvent } from '@satchel/protocol'
import { useSession } from '../session/session-context.ts'
import { describeNotice } from '../words/describe-notice.ts'

interface NoticeLineProps {
  readonly rowKey: string
  readonly event: ConversationEvent
}

export function NoticeLine({ rowKey, event }: NoticeLineProps) {
  const { me, names } = useSession()
  const words = describeNotice(event, { myId: me.id, nameOf: (id) => names.nameOf(id) })
  if (words === undefined) return null
  return (
    <div class="notice" role="listitem" data-key={rowKey} data-seq={event.seq}>
      {words}
    </div>
  )
}
