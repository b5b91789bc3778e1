import type { MessageAttachment } from '@satchel/client'
import type { ComponentChild, RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'

/** A recording as it plays. */
export interface AudioShown {
  /** What plays it; to be put somewhere on the page. */
  readonly element: ComponentChild
  readonly isPlaying: boolean
  /** Wanted, and not there yet. */
  readonly isWaiting: boolean
  readonly hasFailed: boolean
  readonly positionMs: number
  readonly durationMs: number | undefined
  readonly toggle: () => void
  readonly seek: (positionMs: number) => void
}

type Playing = 'no' | 'waiting' | 'yes' | 'failed'

/** Plays an attachment. Nothing is loaded, and no link asked for, before somebody wants to hear it. */
export function useAudio(attachment: MessageAttachment): AudioShown {
  const audio = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState<Playing>('no')
  const [positionMs, setPosition] = useState(0)
  const [lengthMs, setLength] = useState<number | undefined>()
  useSpeed(audio)
  const load = useLoading(audio, attachment)
  const begin = async (): Promise<void> => {
    setPlaying('waiting')
    try {
      await (await load())?.play()
    } catch (error) {
      // Stopped again before it began.
      const isStopped = error instanceof DOMException && error.name === 'AbortError'
      setPlaying(isStopped ? 'no' : 'failed')
    }
  }
  const seek = async (toMs: number): Promise<void> => {
    setPosition(toMs)
    try {
      const element = await load()
      if (element !== undefined) element.currentTime = toMs / 1_000
    } catch {
      setPlaying('failed')
    }
  }
  return {
    element: (
      <audio
        ref={audio}
        preload="auto"
        onPlaying={() => setPlaying('yes')}
        onWaiting={() => setPlaying('waiting')}
        onPause={() => setPlaying('no')}
        onError={() => setPlaying('failed')}
        onTimeUpdate={({ currentTarget }) => setPosition(currentTarget.currentTime * 1_000)}
        onDurationChange={({ currentTarget }) => setLength(lengthOf(currentTarget))}
        onEnded={({ currentTarget }) => {
          currentTarget.currentTime = 0
          setPlaying('no')
        }}
      />
    ),
    isPlaying: playing === 'yes',
    isWaiting: playing === 'waiting',
    hasFailed: playing === 'failed',
    positionMs,
    durationMs: attachment.durationMs ?? lengthMs,
    toggle: () => {
      if (playing === 'yes' || playing === 'waiting') audio.current?.pause()
      else void begin()
    },
    seek: (toMs) => void seek(toMs),
  }
}

/** Gives the element something to play, if it has nothing, or what it had did not load. */
function useLoading(
  audio: RefObject<HTMLAudioElement | null>,
  attachment: MessageAttachment,
): () => Promise<HTMLAudioElement | undefined> {
  const { chat } = useSession()
  return async () => {
    const element = audio.current
    if (element === null) return undefined
    if (element.currentSrc !== '' && element.error === null) return element
    const url = await chat.link(attachment, 'play')
    // Gone from the page meanwhile, where it would be heard and not be seen.
    if (audio.current !== element) return undefined
    element.src = url
    return element
  }
}

function useSpeed(audio: RefObject<HTMLAudioElement | null>): void {
  const { speed } = useSession()
  useChange(speed)
  const { factor } = speed
  useLayoutEffect(() => {
    if (audio.current === null) return
    audio.current.defaultPlaybackRate = factor
    audio.current.playbackRate = factor
  }, [audio, factor])
}

function lengthOf({ duration }: HTMLAudioElement): number | undefined {
  return Number.isFinite(duration) ? duration * 1_000 : undefined
}
