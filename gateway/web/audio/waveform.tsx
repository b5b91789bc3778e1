import { useMemo } from 'preact/hooks'
import { spellDuration } from '../words/describe-duration.ts'
import { waveformBars } from './waveform-bars.ts'

interface WaveformProps {
  /** One byte per peak, as base64url. */
  readonly bytes: string | undefined
  readonly positionMs: number
  /** While it is not known nobody can seek. */
  readonly durationMs: number | undefined
  readonly label: string
  readonly onSeek: (positionMs: number) => void
}

const BARS = 42
const PITCH = 5
const HEIGHT = 32
const STEP_MS = 5_000
/** As far as the larger keys go. */
const LEAP = 0.1

/** The loudness of a recording over its time; what is played of it stands out. Click, drag or arrow keys seek. */
export function Waveform({ bytes, positionMs, durationMs, label, onSeek }: WaveformProps) {
  const path = useMemo(() => drawBars(waveformBars(bytes, BARS)), [bytes])
  const lengthMs = durationMs ?? 0
  const played = lengthMs === 0 ? 0 : Math.min(positionMs / lengthMs, 1)
  const seekTo = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    onSeek(Math.min(Math.max((event.clientX - left) / width, 0), 1) * lengthMs)
  }
  return (
    <div
      class="waveform"
      role="slider"
      tabIndex={0}
      dir="ltr"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs / 1_000)}
      aria-valuenow={Math.round(positionMs / 1_000)}
      aria-valuetext={`${spellDuration(positionMs)} of ${spellDuration(lengthMs)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        seekTo(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event)
      }}
      onKeyDown={(event) => {
        const to = positionAfter(event.key, positionMs, lengthMs)
        if (to === undefined) return
        event.preventDefault()
        event.stopPropagation()
        onSeek(Math.min(Math.max(to, 0), lengthMs))
      }}
    >
      <Bars path={path} played={1} className="all" />
      <Bars path={path} played={played} className="played" />
    </div>
  )
}

interface BarsProps {
  readonly path: string
  readonly played: number
  readonly className: string
}

function Bars({ path, played, className }: BarsProps) {
  return (
    <svg
      class={className}
      viewBox={`0 0 ${String(BARS * PITCH)} ${String(HEIGHT)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ clipPath: `inset(0 ${String((1 - played) * 100)}% 0 0)` }}
    >
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

function drawBars(bars: readonly number[]): string {
  return bars
    .map((bar, index) => {
      // Round ends stand out by half the width of a line.
      const half = (bar * (HEIGHT - 4)) / 2
      const x = index * PITCH + PITCH / 2
      return `M${String(x)} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`
    })
    .join('')
}

function positionAfter(key: string, positionMs: number, lengthMs: number): number | undefined {
  const positions: Readonly<Record<string, number>> = {
    ArrowRight: positionMs + STEP_MS,
    ArrowUp: positionMs + STEP_MS,
    ArrowLeft: positionMs - STEP_MS,
    ArrowDown: positionMs - STEP_MS,
    PageUp: positionMs + lengthMs * LEAP,
    PageDown: positionMs - lengthMs * LEAP,
    Home: 0,
    End: lengthMs,
  }
  return positions[key]
}
