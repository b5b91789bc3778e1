import type { Message } from '@satchel/client'
import { pickDownload } from '../attachment/pick-variant.ts'
import { useConversation } from '../conversation/conversation-context.ts'
import { rightsIn } from '../conversation/rights-in.ts'
import { mayForward } from '../forward/describe-forward.ts'
import { useSession } from '../session/session-context.ts'
import { MenuItem } from '../ui/menu-item.tsx'
import { Menu } from '../ui/menu.tsx'

interface MessageMenuProps {
  readonly message: Message
  readonly isOwn: boolean
  readonly anchor: HTMLElement
  readonly onClose: () => void
}

export function MessageMenu({ message, isOwn, anchor, onClose }: MessageMenuProps) {
  const { actions, conversation } = useConversation()
  const { toasts } = useSession()
  const { mayManage, mayPin } = rightsIn(conversation)
  const saved = message.attachments.filter((one) => pickDownload(one) !== undefined)
  const choose = (act: () => void) => () => {
    onClose()
    act()
  }
  const copy = (): void => {
    navigator.clipboard.writeText(message.text).then(
      () => toasts.show('Copied'),
      () => toasts.show('This browser does not let pages copy text.'),
    )
  }
  return (
    <Menu label="More" anchor={anchor} onClose={onClose}>
      <MenuItem icon="reply" label="Reply" onChoose={choose(() => actions.reply(message))} />
      {mayForward(message) && (
        <MenuItem
          icon="redirect"
          label="Forward"
          onChoose={choose(() => actions.forward(message))}
        />
      )}
      {mayPin && message.seq !== undefined && <PinItem seq={message.seq} choose={choose} />}
      {message.text !== '' && <MenuItem icon="copy" label="Copy text" onChoose={choose(copy)} />}
      {saved.length > 0 && (
        <MenuItem
          icon="download"
          label="Download"
          onChoose={choose(() => saved.forEach(actions.download))}
        />
      )}
      {isOwn && (
        <MenuItem icon="edit" label="Edit" onChoose={choose(() => actions.edit(message))} />
      )}
      {(isOwn || mayManage) && (
        <MenuItem
          icon="trash"
          label="Delete"
          danger
          onChoose={choose(() => actions.remove(message))}
        />
      )}
    </Menu>
  )
}

interface PinItemProps {
  readonly seq: number
  readonly choose: (act: () => void) => () => void
}

function PinItem({ seq, choose }: PinItemProps) {
  const { actions, conversation } = useConversation()
  const isPinned = conversation.entry?.pins?.includes(seq) === true
  return isPinned ? (
    <MenuItem icon="unpin" label="Unpin" onChoose={choose(() => actions.unpin(seq))} />
  ) : (
    <MenuItem icon="pin" label="Pin" onChoose={choose(() => actions.pin(seq))} />
  )
}
