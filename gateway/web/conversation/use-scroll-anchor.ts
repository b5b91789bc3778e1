import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { ScrollAnchor } from './scroll-anchor.ts'

/** An anchor for the two elements while they are there, put back whenever something changes its size. */
export function useScrollAnchor(
  scroller: RefObject<HTMLElement | null>,
  column: RefObject<HTMLElement | null>,
): ScrollAnchor | undefined {
  const [anchor, setAnchor] = useState<ScrollAnchor | undefined>()
  useLayoutEffect(() => {
    if (scroller.current === null || column.current === null) return undefined
    const made = new ScrollAnchor(scroller.current, column.current)
    const observer = new ResizeObserver(() => made.restore())
    observer.observe(scroller.current)
    observer.observe(column.current)
    setAnchor(made)
    return () => observer.disconnect()
  }, [scroller, column])
  useLayoutEffect(() => anchor?.restore())
  return anchor
}
