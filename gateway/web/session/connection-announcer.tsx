import { useEffect, useState } from 'preact/hooks'

const BACK = 'Connected again'
const BACK_SAID_MS = 5_000

/** Reads once that the connection is gone, and once that it is back, however often it is tried in between. */
export function ConnectionAnnouncer({ problem }: { readonly problem: string | undefined }) {
  const [words, setWords] = useState('')
  useEffect(() => setWords((said) => problem ?? (said === '' ? '' : BACK)), [problem])
  // That it is back is no news to those who read the page from top to bottom later.
  useEffect(() => {
    if (words !== BACK) return undefined
    const timer = setTimeout(() => setWords(''), BACK_SAID_MS)
    return () => clearTimeout(timer)
  }, [words])
  return (
    <div class="visually-hidden" role="status">
      {words}
    </div>
  )
}
