import { ChatError } from '@satchel/protocol'
import { SettingsError } from './read-settings.ts'

/** Why a process could not start, for whoever started it: what failed, and what that was caused by. */
export function describeFailure(error: unknown): string {
  if (error instanceof SettingsError) return error.message
  const { cause } = error instanceof Error ? error : {}
  // Our own errors speak in whole sentences.
  const words = error instanceof ChatError ? error.message : String(error)
  return cause === undefined ? words : `${words}\n  ${describeFailure(cause)}`
}
