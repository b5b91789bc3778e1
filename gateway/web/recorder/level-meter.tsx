import { useRef } from 'preact/hooks'

const SHOWN = 48

/** The last few seconds as bars, the newest at the end. Takes another level each time it is rendered. */
export function LevelMeter({ level }: { readonly level: number }) {
  const levels = useRef<readonly number[]>(Array.from({ length: SHOWN }, () => 0))
  levels.current = [...levels.current.slice(1), level]
  return (
    <span class="level-meter" aria-hidden="true">
      {levels.current.map((height, index) => (
        <i key={index} style={{ height: `${String(Math.max(8, Math.round(height * 100)))}%` }} />
      ))}
    </span>
  )
}
