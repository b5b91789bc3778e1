import type { RequestFrameOf, RequestName, ResultOf } from '@satchel/protocol'
import type { Session } from '../session.ts'

/** Does what a request asks and gives its result; rejects with a `ChatError`. */
export type RequestHandler<Name extends RequestName> = (
  session: Session,
  frame: RequestFrameOf<Name>,
) => Promise<ResultOf<Name>>

/** Every request but `hello`, which makes the session. */
export type HandledRequest = Exclude<RequestName, 'hello'>

export type RequestHandlers = { readonly [Name in HandledRequest]: RequestHandler<Name> }
