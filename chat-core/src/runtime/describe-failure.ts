import { SettingsError } from './read-settings.ts'

/** Why a process could not start, for whoever started it: what failed, and what that was caused by. */
export function describeFailure(error: unknown): string {
  if (error instanceof SettingsError) return error.message
  const { cause } = error instanceof Error ? error : {}
  return cause === undefined ? String(error) : `${String(error)}\n  ${describeFailure(cause)}`
}
