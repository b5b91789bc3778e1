import { useSession } from '../session/session-context.ts'
import { describeNotice } from '../words/describe-notice.ts'
import type { Row } from './arrange-messages.ts'

interface NoticeLineProps {
  readonly row: Extract<Row, { readonly kind: 'notice' }>
}

export function NoticeLine({ row: { key, event, titleBefore } }: NoticeLineProps) {
  const { me, names } = useSession()
  const context = { myId: me.id, nameOf: (id: string) => names.nameOf(id), titleBefore }
  const words = describeNotice(event, context)
  if (words === undefined) return null
  return (
    <div class="notice" role="listitem" data-key={key} data-seq={event.seq}>
      {words}
    </div>
  )
}
