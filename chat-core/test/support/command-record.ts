import assert from 'node:assert/strict'
import type { CommandRecord, LogRecord } from '../../src/ports/command-log.ts'

/** The record, which must be one of commands. */
export function requireCommands(record: LogRecord): CommandRecord {
  assert.equal(record.kind, 'commands')
  return record
}
