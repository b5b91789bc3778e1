import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Takes files that are dropped on an element; tells whether some are held over it now. */
export function useFileDrop(
  element: RefObject<HTMLElement | null>,
  onFiles: (files: readonly File[]) => void,
): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const target = element.current
    if (target === null) return undefined
    // Entering a child leaves its parent: what counts is how many are entered at once.
    let depth = 0
    const onEnter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      depth++
      setOver(true)
    }
    const onLeave = (): void => {
      depth = Math.max(depth - 1, 0)
      if (depth === 0) setOver(false)
    }
    const onOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    const onDrop = (event: DragEvent): void => {
      depth = 0
      setOver(false)
      if (!hasFiles(event)) return
      event.preventDefault()
      onFiles([...(event.dataTransfer?.files ?? [])])
    }
    target.addEventListener('dragenter', onEnter)
    target.addEventListener('dragleave', onLeave)
    target.addEventListener('dragover', onOver)
    target.addEventListener('drop', onDrop)
    return () => {
      target.removeEventListener('dragenter', onEnter)
      target.removeEventListener('dragleave', onLeave)
      target.removeEventListener('dragover', onOver)
      target.removeEventListener('drop', onDrop)
    }
  }, [element, onFiles])
  return isOver
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true
}
