type ListenersOf<Events extends object> = {
  [Name in keyof Events]?: Set<(value: Events[Name]) => void>
}

/** Ends a listening or a timer; calling it again does nothing. */
export type Unsubscribe = () => void

/**
 * Listeners by name. One that throws is reported as an uncaught error, later, and disturbs neither
 * the other listeners nor the library.
 */
export class Emitter<Events extends object> {
  readonly #listeners: ListenersOf<Events> = {}

  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): Unsubscribe {
    const listeners = (this.#listeners[name] ??= new Set())
    // The same function may be registered twice and must then be removed twice.
    const registered = (value: Events[Name]): void => {
      listener(value)
    }
    listeners.add(registered)
    return () => {
      listeners.delete(registered)
    }
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(value)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  hasListeners(name: keyof Events): boolean {
    return (this.#listeners[name]?.size ?? 0) > 0
  }
}
