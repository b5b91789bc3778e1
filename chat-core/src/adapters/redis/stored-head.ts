import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../../domain/conversation-state.ts'
import { headRow } from '../row-schemas.ts'
import type { RedisClient } from './redis-client.ts'
import { redisScript } from './redis-script.ts'

// A head as Redis has it: its seq, when it was stored by Redis' clock, and the row as JSON, with spaces between.

export interface StoredHead {
  readonly head: HeadRow
  readonly storedMs: number
}

/**
 * Stores each head unless a newer one is there. KEYS: where. ARGV: lifetime in milliseconds, then seq and row of each.
 * One that is there already is as good as new.
 */
export const STORE_HEADS = redisScript(`
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
for index, key in ipairs(KEYS) do
  local seq, row = ARGV[2 * index], ARGV[2 * index + 1]
  local known = redis.call('GET', key)
  local known_seq = known and tonumber(string.match(known, '^%d+'))
  if not known_seq or known_seq <= tonumber(seq) then
    redis.call('SET', key, seq .. ' ' .. now .. ' ' .. row, 'PX', ARGV[1])
  end
end
return #KEYS
`)

/** What of a head goes into `STORE_HEADS`. */
export function formatHead(head: HeadRow): readonly [seq: number, row: string] {
  return [head.seq, JSON.stringify(headRow.format(head, 'json'))]
}

/** `undefined` for nothing, and for what is no head. */
export function parseStoredHead(text: unknown): StoredHead | undefined {
  if (typeof text !== 'string') return undefined
  const [, storedMs, row] = /^\d+ (\d+) (.*)$/s.exec(text) ?? []
  if (storedMs === undefined || row === undefined) return undefined
  try {
    const value: unknown = JSON.parse(row)
    return { head: headRow.parse(value, 'json'), storedMs: Number(storedMs) }
  } catch {
    return undefined
  }
}

export function headKey(keys: Pick<RedisClient, 'key'>, conversationId: ConversationId): string {
  return keys.key('head', conversationId)
}
