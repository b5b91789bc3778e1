/** What was opened, to be closed in the opposite order: once, each within its deadline. */
export class CloseStack {
  readonly #entries: { readonly name: string; readonly close: () => void | Promise<void> }[] = []
  readonly #deadlineMs: number
  #closing: Promise<void> | undefined

  constructor(options: { readonly deadlineMs: number } = { deadlineMs: 10_000 }) {
    this.#deadlineMs = options.deadlineMs
  }

  add(name: string, close: () => void | Promise<void>): void {
    this.#entries.push({ name, close })
  }

  /** Closes everything, also when some of it fails; rejects with all failures together. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await withDeadline(entry.name, entry.close, this.#deadlineMs)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
  }
}

async function withDeadline(
  name: string,
  close: () => void | Promise<void>,
  deadlineMs: number,
): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`${name} did not close within ${String(deadlineMs)} ms`))
  }, deadlineMs)
  try {
    await Promise.race([close(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
