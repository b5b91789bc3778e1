import { useEffect } from 'preact/hooks'

/** What begins to play stops what played until then. Animations are silent, and no matter. */
export function useOneSound(): void {
  useEffect(() => {
    const stopOthers = ({ target }: Event): void => {
      if (!(target instanceof HTMLMediaElement) || target.loop) return
      for (const other of document.querySelectorAll<HTMLMediaElement>('audio, video:not([loop])')) {
        if (other !== target) other.pause()
      }
    }
    // This event does not bubble, but it is announced on its way down.
    document.addEventListener('play', stopOthers, true)
    return () => document.removeEventListener('play', stopOthers, true)
  }, [])
}
