import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { LoadPart, LoadPartName, LoadPartOptions } from './load-parts.ts'

/** What goes to a process. */
export interface Asked {
  readonly id: number
  readonly method: string
  readonly argument: unknown
}

interface Answered {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** What a method takes: nothing, or one thing. */
export type PartArgument<
  Name extends LoadPartName,
  Method extends keyof LoadPart<Name>,
> = LoadPart<Name>[Method] extends (...args: infer Args) => unknown ? Args : never

export type PartResult<
  Name extends LoadPartName,
  Method extends keyof LoadPart<Name>,
> = LoadPart<Name>[Method] extends (...args: never) => infer Value ? Awaited<Value> : never

/** One part of the generator in a process of its own: no process may have files enough for all. */
export class LoadProcess<Name extends LoadPartName> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #hasEnded = false

  constructor(part: Name, options: LoadPartOptions<Name>) {
    const main = join(import.meta.dirname, 'load-process-main.ts')
    this.#child = fork(main, [part, JSON.stringify(options)], { stdio: 'inherit' })
    this.#child.on('message', (message) => this.#take(parseAnswered(message)))
    this.#child.once('exit', () => this.#ended())
  }

  /** Rejects with what the part threw, and when the process ends before it answers. */
  ask<Method extends keyof LoadPart<Name> & string>(
    method: Method,
    ...[argument]: PartArgument<Name, Method>
  ): Promise<PartResult<Name, Method>> {
    if (this.#hasEnded) return Promise.reject(endedError())
    const id = ++this.#lastId
    const asked: Asked = { id, method, argument }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve: (value) => resolve(parseValue(value)),
        reject,
      })
      this.#child.send(asked)
    })
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  #take({ id, value, error }: Answered): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }

  #ended(): void {
    this.#hasEnded = true
    for (const { reject } of this.#waiting.values()) reject(endedError())
    this.#waiting.clear()
  }
}

function endedError(): Error {
  return new Error('a process of the generator ended')
}

function parseAnswered(message: unknown): Answered {
  return message as Answered
}

/** The part's own types say what it is. */
function parseValue(value: unknown): never {
  return value as never
}
