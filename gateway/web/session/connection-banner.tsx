import type { ConnectionState } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'
import { ConnectionAnnouncer } from './connection-announcer.tsx'
import { useSession } from './session-context.ts'

/** A short interruption is nobody's business. */
const GRACE_MS = 1_200

const CLOSED = 'You are not connected any more.'

/** Says when there is no connection, and when it will be tried again. */
export function ConnectionBanner({ state }: { readonly state: ConnectionState }) {
  const { chat } = useSession()
  const [isDue, setDue] = useState(false)
  const isLive = state.status === 'live'
  useEffect(() => {
    if (isLive) {
      setDue(false)
      return undefined
    }
    const timer = setTimeout(() => setDue(true), GRACE_MS)
    return () => clearTimeout(timer)
  }, [isLive])
  useEffect(() => {
    const onOnline = (): void => chat.reconnectNow()
    addEventListener('online', onOnline)
    return () => removeEventListener('online', onOnline)
  }, [chat])
  return (
    <>
      <ConnectionAnnouncer problem={describeProblem(state, isDue)} />
      <StateBanner state={state} isDue={isDue} />
    </>
  )
}

/** The same for every try: what changes from one to the next is only shown. */
function describeProblem(state: ConnectionState, isDue: boolean): string | undefined {
  if (state.status === 'live') return undefined
  if (state.status === 'closed') return state.reason === 'not_connected' ? undefined : CLOSED
  return isDue ? 'No connection' : undefined
}

interface StateBannerProps {
  readonly state: ConnectionState
  readonly isDue: boolean
}

function StateBanner({ state, isDue }: StateBannerProps) {
  const { chat, signOut } = useSession()
  switch (state.status) {
    case 'live':
      return null
    case 'connecting':
      return isDue ? <Banner words="Connecting…" /> : null
    case 'waiting':
      return isDue ? (
        <Waiting retryInMs={state.retryInMs} onRetry={() => chat.reconnectNow()} />
      ) : null
    case 'closed':
      return state.reason === 'not_connected' ? null : (
        <Banner words={CLOSED} action="Sign in again" onAction={signOut} />
      )
    default:
      return nothing(state)
  }
}

function Waiting({
  retryInMs,
  onRetry,
}: {
  readonly retryInMs: number
  readonly onRetry: () => void
}) {
  const [leftMs, setLeftMs] = useState(retryInMs)
  useEffect(() => {
    const endMs = Date.now() + retryInMs
    setLeftMs(retryInMs)
    const timer = setInterval(() => setLeftMs(Math.max(endMs - Date.now(), 0)), 500)
    return () => clearInterval(timer)
  }, [retryInMs])
  const seconds = Math.ceil(leftMs / 1_000)
  const words =
    seconds > 1
      ? `No connection. Trying again in ${String(seconds)} s.`
      : 'No connection. Trying again…'
  return <Banner words={words} action="Try now" onAction={onRetry} />
}

function Banner({
  words,
  action,
  onAction,
}: {
  readonly words: string
  readonly action?: string
  readonly onAction?: () => void
}) {
  return (
    <div class="connection">
      {/* Counts down; what is worth hearing is announced. */}
      <span aria-hidden="true">{words}</span>
      {action !== undefined && (
        <button type="button" class="button" onClick={onAction}>
          {action}
        </button>
      )}
    </div>
  )
}

function nothing(_: never): null {
  return null
}
