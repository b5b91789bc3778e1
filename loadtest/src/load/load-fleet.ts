import type { LoadPart, LoadPartName, LoadPartOptions } from './load-parts.ts'
import { LoadProcess, type PartArgument, type PartResult } from './load-process.ts'

/** Processes that are all the same part, and do the same at the same time. */
export class LoadFleet<Name extends LoadPartName> {
  readonly #processes: readonly LoadProcess<Name>[]

  constructor(part: Name, options: readonly LoadPartOptions<Name>[]) {
    this.#processes = options.map((own) => new LoadProcess(part, own))
  }

  /** Asks them all at once; rejects with the first that fails. */
  askAll<Method extends keyof LoadPart<Name> & string>(
    method: Method,
    ...argument: PartArgument<Name, Method>
  ): Promise<PartResult<Name, Method>[]> {
    return Promise.all(this.#processes.map((process) => process.ask(method, ...argument)))
  }

  end(): void {
    for (const process of this.#processes) process.end()
  }
}
