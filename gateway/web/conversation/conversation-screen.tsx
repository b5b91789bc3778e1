import type { Conversation, Message, MessageAttachment } from '@satchel/client'
import { useMemo, useRef, useState } from 'preact/hooks'
import type { ComposerContext } from '../composer/composer-context-bar.tsx'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { ConversationContext } from './conversation-context.ts'
import { ConversationFoot } from './conversation-foot.tsx'
import { ConversationHeader } from './conversation-header.tsx'
import { ConversationOverlays } from './conversation-overlays.tsx'
import { DropZone } from './drop-zone.tsx'
import { LiveAnnouncer } from './live-announcer.tsx'
import { MessageList } from './message-list.tsx'
import { PinnedBar } from './pinned-bar.tsx'
import type { ScrollAnchor } from './scroll-anchor.ts'
import { useAttach } from './use-attach.ts'
import { useConversationActions } from './use-conversation-actions.ts'
import { useFileDrop } from './use-file-drop.ts'
import { useHistory } from './use-history.ts'
import { useJump } from './use-jump.ts'
import { useTitle } from './use-title.ts'
import { useUnreadDivider } from './use-unread-divider.ts'

interface ConversationScreenProps {
  readonly conversation: Conversation
  readonly onBack: () => void
}

/** One open conversation: header, messages, and where the next one is written. */
export function ConversationScreen({ conversation, onBack }: ConversationScreenProps) {
  const { names } = useSession()
  useChange(conversation)
  useChange(names)
  const [context, setContext] = useState<ComposerContext | undefined>()
  const [toForward, setToForward] = useState<Message | undefined>()
  const [toDelete, setToDelete] = useState<Message | undefined>()
  const [viewed, setViewed] = useState<MessageAttachment | undefined>()
  const [anchor, setAnchor] = useState<ScrollAnchor | undefined>()
  const history = useHistory(conversation)
  const divider = useUnreadDivider(conversation)
  const { jumpTo, highlightedSeq } = useJump(conversation, anchor, history)
  const screen = { setContext, setToForward, setToDelete, setViewed, jumpTo }
  const actions = useConversationActions(conversation, screen)
  const title = useTitle(conversation)
  const open = useMemo(() => ({ conversation, actions, title }), [conversation, actions, title])
  const pane = useRef<HTMLElement>(null)
  const attach = useAttach(conversation)
  const isDropping = useFileDrop(pane, attach)
  return (
    <ConversationContext.Provider value={open}>
      <main ref={pane} class="pane conversation-pane" aria-label={`Conversation with ${title}`}>
        <ConversationHeader title={title} onBack={onBack} />
        <PinnedBar />
        <MessageList
          history={history}
          readUpTo={divider.readUpTo}
          highlightedSeq={highlightedSeq}
          onAnchor={setAnchor}
        />
        {history.failure?.isFinal !== true && (
          <ConversationFoot
            title={title}
            isKnown={!history.isUnknown}
            context={context}
            setContext={setContext}
            onAttach={attach}
            onSent={() => {
              divider.clear()
              anchor?.toEnd()
            }}
          />
        )}
        {isDropping && <DropZone title={title} />}
        <LiveAnnouncer />
        <ConversationOverlays
          toForward={toForward}
          toDelete={toDelete}
          viewed={viewed}
          onClose={() => {
            setToForward(undefined)
            setToDelete(undefined)
            setViewed(undefined)
          }}
        />
      </main>
    </ConversationContext.Provider>
  )
}
