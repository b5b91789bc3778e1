import type { Command } from '../../domain/command.ts'

const BASE_BYTES = 256
const VALUE_BYTES = 16

/** About how much a command takes in memory and on the wire. For bounds, so it errs upwards. */
export function estimateCommandBytes(command: Command): number {
  return BASE_BYTES + estimateBytes(command.content)
}

function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + 2 * value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  if (value instanceof Uint8Array) return VALUE_BYTES + value.length
  let bytes = VALUE_BYTES
  for (const part of Object.values(value)) bytes += estimateBytes(part)
  return bytes
}
