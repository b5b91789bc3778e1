import { LIMITS } from '@satchel/protocol'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { RecorderBar } from '../recorder/recorder-bar.tsx'
import { useVoiceRecorder } from '../recorder/use-voice-recorder.ts'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { ComposerContextBar } from './composer-context-bar.tsx'
import type { ComposerContext } from './composer-context-bar.tsx'
import { ComposerLine } from './composer-line.tsx'
import { MentionSuggestions } from './mention-suggestions.tsx'
import type { Tray } from './tray.ts'
import { TrayView } from './tray-view.tsx'
import { useComposerKeys } from './use-composer-keys.ts'
import { useMentions } from './use-mentions.ts'
import { useSend } from './use-send.ts'
import { useSendRecording } from './use-send-recording.ts'

interface ComposerProps {
  readonly tray: Tray
  readonly context: ComposerContext | undefined
  readonly placeholder: string
  readonly onContextEnd: () => void
  readonly onEditLast: () => void
  readonly onAttach: (files: readonly File[]) => void
  readonly onSent: () => void
}

const utf8 = new TextEncoder()

export function Composer(props: ComposerProps) {
  const { tray, context, placeholder, onContextEnd, onAttach } = props
  const { conversation } = useConversation()
  const { drafts } = useSession()
  const area = useRef<HTMLTextAreaElement>(null)
  const [text, setTextState] = useState(() => drafts.textOf(conversation))
  const setText = (changed: string): void => {
    setTextState(changed)
    if (context?.kind !== 'edit') drafts.setText(conversation, changed)
  }
  useChange(tray)
  const mentions = useMentions(area, text, setText)
  const { send, maySend } = useSend({ ...props, text, setText, people: mentions.people })
  const onKeyDown = useComposerKeys({ ...props, text, send, mentions })
  const voice = useVoiceRecorder()
  const sendRecording = useSendRecording({ ...props, voice })
  const isRecording = voice.recording !== 'none'
  const isEdit = context?.kind === 'edit'

  useLayoutEffect(() => {
    if (context?.kind === 'edit') setTextState(context.message.text)
    else setTextState(drafts.textOf(conversation))
    if (context !== undefined || matchMedia('(hover: hover)').matches) area.current?.focus()
  }, [context, conversation, drafts, isRecording])

  const isTooLong = utf8.encode(text).length > LIMITS.textBytes
  return (
    <div class="composer">
      <div class="composer-box">
        {mentions.matches.length > 0 && <MentionSuggestions mentions={mentions} />}
        {context !== undefined && <ComposerContextBar context={context} onEnd={onContextEnd} />}
        {!isEdit && <TrayView tray={tray} />}
        {isRecording ? (
          <RecorderBar
            recorder={voice.recording === 'asking' ? undefined : voice.recording}
            onCancel={voice.cancel}
            onSend={sendRecording}
          />
        ) : (
          <ComposerLine
            field={area}
            label={placeholder}
            {...{ text, setText, isTooLong, isEdit, maySend, mentions, onKeyDown, onAttach }}
            isEmpty={!isEdit && text === '' && tray.items.length === 0}
            onRecord={voice.start}
            onSend={send}
          />
        )}
        {isTooLong && <p class="problem">This is longer than a message can be.</p>}
      </div>
    </div>
  )
}
