import type { HttpExchange } from './http-exchange.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** The values of a path's `{names}`, decoded. */
export type PathParameters = Readonly<Record<string, string>>

/** One path and method of the HTTP surface. */
export interface Route {
  readonly method: HttpMethod
  /** Segments; `{name}` takes any one, a last `*` any number. */
  readonly path: string
  /** Begins before it returns whatever reads the body; refuses with a `ChatError`. */
  readonly handle: (exchange: HttpExchange, parameters: PathParameters) => void | Promise<void>
}
