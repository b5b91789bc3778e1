import type { MessageAttachment } from '@satchel/client'
import { useConversation } from '../conversation/conversation-context.ts'
import { useAttach } from '../conversation/use-attach.ts'
import { Icon } from '../ui/icon.tsx'
import {
  describeRefusal,
  describeRemedy,
  mayAttachAgain,
  titleOf,
} from '../words/describe-attachment.ts'
import { FileChooser } from './file-chooser.tsx'
import { FileWords } from './file-words.tsx'
import { useRefusalReason } from './use-refusal-reason.ts'

interface RefusedCardProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** A file that is not there: why, and what can be done. What was found in it is told to its sender alone. */
export function RefusedCard({ attachment, isOwn }: RefusedCardProps) {
  const { conversation } = useConversation()
  const attach = useAttach(conversation)
  const reason = useRefusalReason(attachment, isOwn)
  const refused = { state: attachment.state, reason }
  const words = [describeRefusal(refused, isOwn), describeRemedy(refused, isOwn)]
  return (
    <div class="file-card refused">
      <span class="glyph">
        <Icon name="warning" />
      </span>
      <FileWords name={titleOf(attachment)} note={words.join(' ').trim()} />
      {isOwn && mayAttachAgain(refused) && (
        <FileChooser
          label="Attach"
          title="Choose the file again, for a new message"
          inputLabel={`${attachment.name} again`}
          onChoose={(file) => attach([file])}
        />
      )}
    </div>
  )
}
