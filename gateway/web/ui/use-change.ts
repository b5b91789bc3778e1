import { useLayoutEffect, useReducer } from 'preact/hooks'
import type { Observable } from './changes.ts'

/** Renders again, at most once per frame of work, after each change of `source`. */
export function useChange(source: Observable | undefined): void {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  useLayoutEffect(() => {
    if (source === undefined) return undefined
    // What changed between rendering and subscribing would otherwise be missed.
    renderAgain(undefined)
    return source.on('change', () => renderAgain(undefined))
  }, [source])
}
