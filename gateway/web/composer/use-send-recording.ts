import { useConversation } from '../conversation/conversation-context.ts'
import type { VoiceRecording } from '../recorder/use-voice-recorder.ts'
import type { ComposerContext } from './composer-context-bar.tsx'

interface SendRecordingInput {
  readonly voice: VoiceRecording
  readonly context: ComposerContext | undefined
  readonly onContextEnd: () => void
  readonly onSent: () => void
}

/** Ends the recording and sends it as a message of its own. */
export function useSendRecording(input: SendRecordingInput): () => void {
  const { conversation } = useConversation()
  const { voice, context, onContextEnd, onSent } = input
  const send = async (): Promise<void> => {
    const file = await voice.finish()
    if (file === undefined) return
    const isReply = context?.kind === 'reply'
    // A failure shows at the message itself, with a way to try again.
    conversation
      .send({
        attachments: [conversation.upload(file)],
        ...(isReply ? { replyTo: context.message.seq } : {}),
      })
      .catch(() => undefined)
    if (isReply) onContextEnd()
    onSent()
  }
  return () => void send()
}
