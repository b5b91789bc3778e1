import { useEffect, useRef } from 'preact/hooks'

interface GapLineProps {
  readonly rowKey: string
  readonly seq: number
  readonly load: (beforeSeq: number) => void
}

/** Where messages are missing: asks for them when it comes into view. */
export function GapLine({ rowKey, seq, load }: GapLineProps) {
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (line.current === null) return undefined
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) load(seq)
    })
    observer.observe(line.current)
    return () => observer.disconnect()
  }, [seq, load])
  return (
    <div ref={line} class="gap" data-key={rowKey} role="status" aria-label="Loading messages">
      <span class="spinner" />
    </div>
  )
}
