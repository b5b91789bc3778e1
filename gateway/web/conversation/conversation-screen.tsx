import type { Conversation, Message, MessageAttachment } from '@satchel/client'
import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import { Viewer } from '../attachment/viewer.tsx'
import type { ComposerContext } from '../composer/composer-context-bar.tsx'
import { Composer } from '../composer/composer.tsx'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { ConversationContext } from './conversation-context.ts'
import { ConversationHeader } from './conversation-header.tsx'
import { conversationTitle } from './conversation-title.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { DropZone } from './drop-zone.tsx'
import { LiveAnnouncer } from './live-announcer.tsx'
import { MessageList } from './message-list.tsx'
import type { ScrollAnchor } from './scroll-anchor.ts'
import { TypingLine } from './typing-line.tsx'
import { useConversationActions } from './use-conversation-actions.ts'
import { useFileDrop } from './use-file-drop.ts'
import { useHistory } from './use-history.ts'
import { useJump } from './use-jump.ts'
import { useUnreadDivider } from './use-unread-divider.ts'

interface ConversationScreenProps {
  readonly conversation: Conversation
  readonly onBack: () => void
}

/** One open conversation: header, messages, and where the next one is written. */
export function ConversationScreen({ conversation, onBack }: ConversationScreenProps) {
  const { me, names, drafts, toasts } = useSession()
  useChange(conversation)
  useChange(names)
  const [context, setContext] = useState<ComposerContext | undefined>()
  const [toDelete, setToDelete] = useState<Message | undefined>()
  const [viewed, setViewed] = useState<MessageAttachment | undefined>()
  const [anchor, setAnchor] = useState<ScrollAnchor | undefined>()
  const history = useHistory(conversation)
  const divider = useUnreadDivider(conversation)
  const { jumpTo, highlightedSeq } = useJump(conversation, anchor, history)
  const actions = useConversationActions(conversation, {
    setContext,
    setToDelete,
    setViewed,
    jumpTo,
  })
  const open = useMemo(() => ({ conversation, actions }), [conversation, actions])

  const tray = drafts.trayOf(conversation)
  const attach = useCallback(
    (files: readonly File[]) => {
      if (tray.add(files) > 0) toasts.show('A message can have up to 10 files.')
    },
    [tray, toasts],
  )
  const pane = useRef<HTMLElement>(null)
  const isDropping = useFileDrop(pane, attach)
  const title = conversationTitle(conversation, names, me.id)
  const isEnded =
    conversation.id !== undefined && conversation.entry === undefined && !history.isUnknown
  return (
    <ConversationContext.Provider value={open}>
      <main ref={pane} class="pane conversation-pane" aria-label={`Conversation with ${title}`}>
        <ConversationHeader title={title} onBack={onBack} />
        <MessageList
          history={history}
          readUpTo={divider.readUpTo}
          highlightedSeq={highlightedSeq}
          onAnchor={setAnchor}
        />
        <TypingLine />
        {isEnded ? (
          <p class="notice">You are not a member of this conversation any more.</p>
        ) : (
          <Composer
            tray={tray}
            context={context}
            placeholder={`Message ${title}`}
            onContextEnd={() => setContext(undefined)}
            onEditLast={() => {
              const last = conversation.messages.findLast(isEditable)
              if (last !== undefined) actions.edit(last)
            }}
            onAttach={attach}
            onSent={() => {
              divider.clear()
              anchor?.toEnd()
            }}
          />
        )}
        {isDropping && <DropZone title={title} />}
        <LiveAnnouncer />
        {toDelete !== undefined && (
          <DeleteDialog message={toDelete} onClose={() => setToDelete(undefined)} />
        )}
        {viewed !== undefined && <Viewer first={viewed} onClose={() => setViewed(undefined)} />}
      </main>
    </ConversationContext.Provider>
  )
}

function isEditable({ mine, deleted, seq }: Message): boolean {
  return mine && !deleted && seq !== undefined
}
