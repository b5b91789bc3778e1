import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeMicrophoneError } from '../words/describe-microphone-error.ts'
import { openVoiceRecorder } from './open-voice-recorder.ts'
import type { VoiceRecorder } from './voice-recorder.ts'

/** `asking`: the browser asks whether the page may hear. */
export type Recording = 'none' | 'asking' | VoiceRecorder

export interface VoiceRecording {
  readonly recording: Recording
  readonly start: () => void
  readonly cancel: () => void
  /** The recording, which is over then. */
  readonly finish: () => Promise<File | undefined>
}

/** One recording at a time; ends, and is thrown away, with the component. */
export function useVoiceRecorder(): VoiceRecording {
  const { toasts } = useSession()
  const [recording, setRecording] = useState<Recording>('none')
  /** Counts what was begun: a permission that comes after it was called off is given back. */
  const turn = useRef(0)
  const current = useRef<VoiceRecorder | undefined>(undefined)

  const cancel = useCallback(() => {
    turn.current += 1
    current.current?.cancel()
    current.current = undefined
    setRecording('none')
  }, [])
  useEffect(() => cancel, [cancel])

  const start = (): void => {
    turn.current += 1
    const mine = turn.current
    setRecording('asking')
    openVoiceRecorder().then(
      (recorder) => {
        if (turn.current !== mine) {
          recorder.cancel()
          return
        }
        current.current = recorder
        setRecording(recorder)
      },
      (error: unknown) => {
        if (turn.current !== mine) return
        setRecording('none')
        toasts.show(describeMicrophoneError(error))
      },
    )
  }
  const finish = async (): Promise<File | undefined> => {
    const recorder = current.current
    current.current = undefined
    const file = await recorder?.finish()
    setRecording('none')
    return file
  }
  return { recording, start, cancel, finish }
}
