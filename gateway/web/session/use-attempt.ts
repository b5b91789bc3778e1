import { useCallback } from 'preact/hooks'
import { describeError } from '../words/describe-error.ts'
import { useSession } from './session-context.ts'

/** Runs something to its end; when it fails, says so in plain words. */
export type Attempt = (task: Promise<unknown>) => void

export function useAttempt(): Attempt {
  const { toasts } = useSession()
  return useCallback(
    (task) => {
      task.catch((error: unknown) => toasts.show(describeError(error)))
    },
    [toasts],
  )
}
