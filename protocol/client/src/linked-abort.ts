/** A controller that is also aborted with `parent`; `AbortSignal.any` where that is not there yet. */
export function createLinkedAbort(parent: AbortSignal): {
  readonly controller: AbortController
  /** The controller is of no more use; the parent forgets it. */
  readonly unlink: () => void
} {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(parent.reason)
  }
  if (parent.aborted) abort()
  parent.addEventListener('abort', abort, { once: true })
  const unlink = (): void => {
    parent.removeEventListener('abort', abort)
  }
  return { controller, unlink }
}
