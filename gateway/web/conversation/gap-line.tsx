import { useEffect, useRef } from 'preact/hooks'
import type { Gap } from './arrange-messages.ts'
import type { History } from './use-history.ts'

interface GapLineProps {
  readonly rowKey: string
  readonly gap: Gap
  readonly loadGap: History['loadGap']
}

/** Where messages are missing: asks for them when it comes into view, from the side it is reached from. */
export function GapLine({ rowKey, gap: { afterSeq, beforeSeq }, loadGap }: GapLineProps) {
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (line.current === null) return undefined
    const observer = new IntersectionObserver((entries) => {
      const seen = entries.find(({ isIntersecting }) => isIntersecting)
      if (seen === undefined) return
      // Who comes from below sees it appear at the top.
      const isAbove = seen.boundingClientRect.top < innerHeight / 2
      loadGap({ afterSeq, beforeSeq }, isAbove ? 'end' : 'start')
    })
    observer.observe(line.current)
    return () => observer.disconnect()
  }, [afterSeq, beforeSeq, loadGap])
  return (
    <div ref={line} class="gap" data-key={rowKey} role="status" aria-label="Loading messages">
      <span class="spinner" />
    </div>
  )
}
