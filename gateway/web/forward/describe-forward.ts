import type { Message } from '@satchel/client'
import { describeAttachments } from '../words/describe-attachment.ts'
import { describeMessage } from '../words/describe-message.ts'

type Forwarded = Pick<Message, 'seq' | 'deleted' | 'text' | 'attachments'>

/** There is something in it that can be passed on, or will be in a moment. */
export function mayForward({ seq, deleted, text, attachments }: Forwarded): boolean {
  if (seq === undefined || deleted) return false
  return text !== '' || attachments.some(({ state }) => state === 'ready' || isComing(state))
}

export interface ForwardDescription {
  /** The message in one line. */
  readonly summary: string
  /** Why it cannot be forwarded now. */
  readonly problem?: string
  readonly note?: string
}

/** What of a message goes along, and what stands in the way. */
export function describeForward(message: Forwarded): ForwardDescription {
  const { attachments } = message
  const summary = describeMessage(message)
  if (!mayForward(message)) return { summary, problem: 'This message is not there any more.' }
  const coming = attachments.filter(({ state }) => isComing(state))
  if (coming.length > 0) {
    const what = describeAttachments(coming)
    return { summary, problem: `Not ready yet: ${what}. Please wait a moment.` }
  }
  const ready = attachments.filter(({ state }) => state === 'ready')
  if (ready.length === attachments.length) return { summary }
  return { summary, note: 'Files that are not available are left out.' }
}

function isComing(state: Message['attachments'][number]['state']): boolean {
  return state === 'uploading' || state === 'processing'
}
