/** Does `work` behind what is being done now: once, however often it is asked for meanwhile. */
export function oncePerTurn(work: () => void): () => void {
  let isPending = false
  return () => {
    if (isPending) return
    isPending = true
    queueMicrotask(() => {
      isPending = false
      work()
    })
  }
}
