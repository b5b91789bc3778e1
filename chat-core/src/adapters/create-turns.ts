/** Runs what concerns one thing after what concerns the same thing and came before; other things meanwhile. */
export function createTurns(): <Result>(
  thing: string,
  work: () => Promise<Result>,
) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>()
  return async function inTurn(thing, work) {
    const turn = (last.get(thing) ?? Promise.resolve()).then(work, work)
    last.set(thing, turn)
    try {
      return await turn
    } finally {
      if (last.get(thing) === turn) last.delete(thing)
    }
  }
}
