import type { Message } from '@satchel/client'
import { useSession } from '../session/session-context.ts'
import { isJumbo, splitText } from './split-text.ts'
import type { TextPiece } from './split-text.ts'

export function MessageText({ message }: { readonly message: Message }) {
  const { me, names } = useSession()
  const mentioned = message.mentions.map((id) => ({ id, name: names.nameOf(id) }))
  const pieces = splitText(message.text, mentioned, message.mentionAll)
  return (
    <span class={`text ${isJumbo(message.text) ? 'jumbo' : ''}`} dir="auto">
      {pieces.map((piece, index) => (
        <Piece key={index} piece={piece} myId={me.id} />
      ))}
    </span>
  )
}

function Piece({ piece, myId }: { readonly piece: TextPiece; readonly myId: string }) {
  switch (piece.kind) {
    case 'plain':
      return <>{piece.text}</>
    case 'link':
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      )
    case 'mention': {
      const isMe = piece.userId === undefined || piece.userId === myId
      return <span class={`mention ${isMe ? 'me' : ''}`}>{piece.text}</span>
    }
    default:
      return nothing(piece)
  }
}

function nothing(_: never): null {
  return null
}
