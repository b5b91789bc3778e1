import { useEffect, useState } from 'preact/hooks'

/** Whether somebody has told their system that they want less motion. */
export function usePrefersStillness(): boolean {
  const [query] = useState(() => matchMedia('(prefers-reduced-motion: reduce)'))
  const [isPreferred, setPreferred] = useState(query.matches)
  useEffect(() => {
    const read = (): void => setPreferred(query.matches)
    query.addEventListener('change', read)
    return () => query.removeEventListener('change', read)
  }, [query])
  return isPreferred
}
