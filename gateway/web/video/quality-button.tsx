import { useRef, useState } from 'preact/hooks'
import { MenuItem } from '../ui/menu-item.tsx'
import { Menu } from '../ui/menu.tsx'
import type { VideoPlayback } from './video-playback.ts'

export function QualityButton({ playback }: { readonly playback: VideoPlayback }) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const { heights, chosen } = playback
  const choose = (height: number | undefined) => () => {
    setOpen(false)
    playback.choose(height)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class="quality"
        aria-label={`Quality: ${nameOf(chosen)}`}
        title="Quality"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {nameOf(chosen)}
      </button>
      {isOpen && button.current !== null && (
        <Menu label="Quality" anchor={button.current} onClose={() => setOpen(false)}>
          {[undefined, ...heights].map((height) => (
            <MenuItem
              key={height}
              label={nameOf(height)}
              isChecked={height === chosen}
              onChoose={choose(height)}
            />
          ))}
        </Menu>
      )}
    </>
  )
}

function nameOf(height: number | undefined): string {
  return height === undefined ? 'Auto' : `${String(height)}p`
}
