import { useEffect, useReducer, useRef } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { describeDuration } from '../words/describe-duration.ts'
import { LevelMeter } from './level-meter.tsx'
import type { VoiceRecorder } from './voice-recorder.ts'

interface RecorderBarProps {
  /** Absent while the browser asks for permission. */
  readonly recorder: VoiceRecorder | undefined
  readonly onCancel: () => void
  readonly onSend: () => void
}

const TICK_MS = 100

/** In place of the text while something is recorded: Enter sends it, Escape throws it away. */
export function RecorderBar({ recorder, onCancel, onSend }: RecorderBarProps) {
  const { conversation } = useConversation()
  const send = useRef<HTMLButtonElement>(null)
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (recorder === undefined) return undefined
    send.current?.focus()
    const timer = setInterval(() => {
      renderAgain(undefined)
      conversation.typing('recording')
    }, TICK_MS)
    return () => {
      clearInterval(timer)
      conversation.typing('none')
    }
  }, [recorder, conversation])
  return (
    <div
      class="composer-line recorder"
      role="group"
      aria-label="Voice message"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      <button
        type="button"
        class="icon-button"
        aria-label="Throw the recording away"
        title="Throw away (Escape)"
        onClick={onCancel}
      >
        <Icon name="trash" />
      </button>
      {recorder === undefined ? (
        <p role="status">Allow the microphone to record …</p>
      ) : (
        <Progress recorder={recorder} />
      )}
      <button
        ref={send}
        type="button"
        class="icon-button primary"
        aria-label="Send the recording"
        title="Send (Enter)"
        disabled={recorder === undefined}
        onClick={onSend}
      >
        <Icon name="send" />
      </button>
    </div>
  )
}

function Progress({ recorder }: { readonly recorder: VoiceRecorder }) {
  const { isOver, durationMs } = recorder
  return (
    <>
      <span class={isOver ? 'light' : 'light on'} />
      <span class="time" role="timer" aria-label="Recorded">
        {describeDuration(durationMs)}
      </span>
      {isOver ? (
        <p role="status">That is as long as it gets</p>
      ) : (
        <LevelMeter level={recorder.readLevel()} />
      )}
    </>
  )
}
