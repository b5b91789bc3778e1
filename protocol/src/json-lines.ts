import { refusedMessage, requireLength } from './decode-limits.ts'
import type { DecodeLimits } from './decode-limits.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The values of a message of the JSON form: one a line, empty lines ignored. Refuses (`bad_frame`)
 * what is not JSON, and what breaks a limit that the MessagePack form has.
 */
export function parseJsonLines(message: Uint8Array | string, limits: DecodeLimits): unknown[] {
  const lines = textOf(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (lines.length > limits.maxFrames) {
    throw refusedMessage(`holds more than ${String(limits.maxFrames)} frames`)
  }
  return lines.map((line) => parseLine(line, limits))
}

function textOf(message: Uint8Array | string): string {
  if (typeof message === 'string') return message
  try {
    return strictUtf8.decode(message)
  } catch (error) {
    throw refusedMessage('is not UTF-8', error)
  }
}

function parseLine(line: string, limits: DecodeLimits): unknown {
  requireNesting(line, limits.maxNesting)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw refusedMessage('is not JSON, one frame a line', error)
  }
  requireLimits(value, limits)
  return value
}

/** Counts brackets before `JSON.parse` sees them, so that depth costs nothing. */
function requireNesting(line: string, maxNesting: number): void {
  let depth = 0
  let inText = false
  for (let index = 0; index < line.length; index++) {
    const char = line.charCodeAt(index)
    if (inText) {
      if (char === 0x5c) index++
      else if (char === 0x22) inText = false
    } else if (char === 0x22) inText = true
    else if (isOpening(char)) {
      if (++depth > maxNesting) throw refusedMessage(`is nested deeper than ${String(maxNesting)}`)
    } else if (isClosing(char)) depth--
  }
}

function requireLimits(value: unknown, limits: DecodeLimits): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) requireLength(limits, 'array', value.length)
  else {
    const keys = Object.keys(value)
    requireLength(limits, 'map', keys.length)
    if (keys.includes('__proto__')) throw refusedMessage('has a map key `__proto__`')
  }
  for (const inner of Object.values(value)) requireLimits(inner, limits)
}

function isOpening(char: number): boolean {
  return char === 0x5b || char === 0x7b
}

function isClosing(char: number): boolean {
  return char === 0x5d || char === 0x7d
}
