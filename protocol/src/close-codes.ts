/** Why the server closed a socket, and what the client may do. */
export interface CloseCodeEntry {
  readonly code: number
  /** Reconnecting and resuming is expected; otherwise something must change first. */
  readonly resumable: boolean
  /** How long to wait before reconnecting, before jitter. */
  readonly defaultDelayMs: number
  readonly meaning: string
}

/** WebSocket close codes of the protocol; PROTOCOL.md lists the same, held to this table by a test. */
export const CLOSE_CODES = {
  bad_frame: {
    code: 4000,
    resumable: false,
    defaultDelayMs: 0,
    meaning: 'The bytes were not frames of this protocol.',
  },
  hello_timeout: {
    code: 4001,
    resumable: true,
    defaultDelayMs: 1_000,
    meaning: 'No `hello` arrived in time.',
  },
  unauthenticated: {
    code: 4002,
    resumable: false,
    defaultDelayMs: 0,
    meaning: 'The token was refused.',
  },
  token_expired: {
    code: 4003,
    resumable: true,
    defaultDelayMs: 0,
    meaning: 'The token expired; come back with a new one.',
  },
  session_ended: {
    code: 4004,
    resumable: false,
    defaultDelayMs: 0,
    meaning: "The integrator ended the user's sessions.",
  },
  slow_socket: {
    code: 4005,
    resumable: true,
    defaultDelayMs: 1_000,
    meaning: 'The client did not read what was sent to it.',
  },
  draining: {
    code: 4006,
    resumable: true,
    defaultDelayMs: 100,
    meaning: 'The server is going away.',
  },
  rate_limited: {
    code: 4007,
    resumable: true,
    defaultDelayMs: 5_000,
    meaning: 'The client kept sending beyond its limits.',
  },
  internal: {
    code: 4008,
    resumable: true,
    defaultDelayMs: 2_000,
    meaning: 'A fault of the server.',
  },
  too_many_sessions: {
    code: 4009,
    resumable: true,
    defaultDelayMs: 10_000,
    meaning: 'The process has as many sessions as it may have.',
  },
} as const satisfies Readonly<Record<string, CloseCodeEntry>>

export type CloseName = keyof typeof CLOSE_CODES

/** The entry of a numeric close code; `undefined` for codes of the WebSocket layer itself (1000 …). */
export function closeNameOf(code: number): CloseName | undefined {
  for (const name of Object.keys(CLOSE_CODES) as CloseName[]) {
    if (CLOSE_CODES[name].code === code) return name
  }
  return undefined
}
