import { ChatError, parseErrorCode, type ErrorDetails } from '@satchel/protocol'

type Json = Readonly<Record<string, unknown>>

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
  /** What was refused, as an error of the registry. */
  readonly error: ChatError | undefined
}

export interface HttpOptions {
  readonly bearer?: string | undefined
  /** In whose name a server key asks. */
  readonly user?: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks the HTTP API something. */
export async function callHttp(
  method: string,
  url: string,
  { bearer, user, body, headers }: HttpOptions = {},
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(user === undefined ? {} : { 'satchel-user': user }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = parseJson(await response.text())
  return {
    status: response.status,
    headers: response.headers,
    body: answer,
    error: parseError(answer),
  }
}

function parseJson(text: string): Json {
  return (text.startsWith('{') ? JSON.parse(text) : { text }) as Json
}

function parseError(answer: Json): ChatError | undefined {
  const error = answer['error'] as
    { code: string; message: string; details: ErrorDetails } | undefined
  if (error === undefined) return undefined
  const code = parseErrorCode(error.code)
  if (code === undefined) throw new Error(`no error is called ${error.code}`)
  return new ChatError(code, error.message, error.details)
}
