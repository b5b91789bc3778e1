import { pino } from 'pino'
import type { Settings } from './settings.ts'

/** Facts of a log line. Ids belong here; message text, tokens and links never do. */
export type LogFacts = Readonly<Record<string, unknown>>

/** A log of lines, each one JSON object. */
export interface Log {
  debug(facts: LogFacts, message: string): void
  info(facts: LogFacts, message: string): void
  warn(facts: LogFacts, message: string): void
  error(facts: LogFacts, message: string): void
}

/** Where lines go. */
export interface LogDestination {
  write(line: string): void
  /** Of a stream: that a line could not be written. */
  on?(event: 'error', listener: (error: unknown) => void): unknown
}

const SECRETS = ['token', 'authorization', 'secret', 'text', '*.token', '*.authorization', '*.text']

/**
 * A log from `settings.logLevel` upwards; what looks like a secret is blanked, should one slip in. Lines that
 * `destination` fails to take are lost.
 */
export function createLog(
  settings: Pick<Settings, 'logLevel'>,
  destination: LogDestination,
  names: LogFacts = {},
): Log {
  // Whoever reads standard output may go, or its disk be full: nobody is there to be told, and the server goes on.
  destination.on?.('error', () => undefined)
  const lines = pino(
    {
      level: settings.logLevel,
      base: names,
      redact: { paths: SECRETS, censor: '(hidden)' },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  )
  return lines
}
