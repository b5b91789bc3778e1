import type { MessageAttachment } from '@satchel/client'
import { MiddleTruncated } from '../attachment/middle-truncated.tsx'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { isVoiceNote, titleOf } from '../words/describe-attachment.ts'
import { describeDuration } from '../words/describe-duration.ts'
import { describeSize } from '../words/describe-size.ts'
import { SpeedButton } from './speed-button.tsx'
import { useAudio } from './use-audio.tsx'
import type { AudioShown } from './use-audio.tsx'
import { Waveform } from './waveform.tsx'

/** A voice message or an audio file, played where it stands. */
export function AudioCard({ attachment }: { readonly attachment: MessageAttachment }) {
  const { actions } = useConversation()
  const audio = useAudio(attachment)
  const isNote = isVoiceNote(attachment)
  const title = titleOf(attachment)
  return (
    <div class="audio-card" role="group" aria-label={title}>
      {audio.element}
      <PlayButton audio={audio} title={title} />
      <div class="track">
        {!isNote && <MiddleTruncated text={attachment.name} />}
        <Waveform
          bytes={attachment.waveform}
          positionMs={audio.positionMs}
          durationMs={audio.durationMs}
          label={`Position in ${title}`}
          onSeek={audio.seek}
        />
        <div class="note">
          <span role={audio.hasFailed ? 'alert' : undefined}>{noteOf(audio)}</span>
          {!isNote && <span>{describeSize(attachment.sizeBytes)}</span>}
          <SpeedButton />
        </div>
      </div>
      {!isNote && (
        <button
          type="button"
          class="icon-button"
          aria-label={`Download ${attachment.name}`}
          title="Download"
          onClick={() => actions.download(attachment)}
        >
          <Icon name="download" />
        </button>
      )}
    </div>
  )
}

function PlayButton({ audio, title }: { readonly audio: AudioShown; readonly title: string }) {
  return (
    <button
      type="button"
      class={`play-button ${audio.isWaiting ? 'waiting' : ''}`}
      aria-label={`${audio.isPlaying ? 'Pause' : 'Play'} ${title}`}
      title={audio.isPlaying ? 'Pause' : 'Play'}
      onClick={audio.toggle}
    >
      {audio.isWaiting ? (
        <span class="spinner" />
      ) : (
        <Icon name={audio.isPlaying ? 'pause' : 'play'} size={22} />
      )}
    </button>
  )
}

/** How long it is; once it has begun, what is left of it. */
function noteOf({ hasFailed, positionMs, durationMs }: AudioShown): string {
  if (hasFailed) return 'Could not be played'
  if (durationMs === undefined) return describeDuration(positionMs)
  if (positionMs === 0) return describeDuration(durationMs)
  return `−${describeDuration(durationMs - positionMs)}`
}
