import { useCallback, useEffect, useState } from 'preact/hooks'
import { hashOf, parseHash } from './place.ts'
import type { Place } from './place.ts'

/** Where the address says the user is, and how to go elsewhere. */
export function usePlace(): {
  readonly place: Place | undefined
  readonly go: (place: Place | undefined) => void
} {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const onChange = (): void => setHash(location.hash)
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  const go = useCallback((place: Place | undefined) => {
    location.hash = place === undefined ? '#/' : hashOf(place)
  }, [])
  return { place: parseHash(hash), go }
}
