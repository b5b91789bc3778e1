import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeAttachments } from '../words/describe-attachment.ts'
import { useConversation } from './conversation-context.ts'

const SAID_MS = 5_000

/** Reads new messages to those who cannot see them come. */
export function LiveAnnouncer() {
  const { conversation } = useConversation()
  const { me, names } = useSession()
  const [words, setWords] = useState('')
  useEffect(
    () =>
      conversation.on('event', ({ authorId, content }) => {
        if (content.kind !== 'message_sent' || authorId === me.id) return
        const said = content.body.text ?? describeAttachments(content.attachments ?? [])
        setWords(`${names.nameOf(authorId)}: ${said}`)
      }),
    [conversation, me.id, names],
  )
  // What was said is not found again by those who read the page from top to bottom.
  useEffect(() => {
    const timer = setTimeout(() => setWords(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [words])
  return (
    <div class="visually-hidden" aria-live="polite">
      {words}
    </div>
  )
}
