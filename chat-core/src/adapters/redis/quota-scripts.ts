import { redisScript } from './redis-script.ts'

// The same rules as in `sliding-window.ts` and `token-bucket.ts`, by Redis' clock, each in one step. `judge` of those
// files words the verdict from the numbers that come back. Numbers travel as text: Redis would cut fractions off.

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.17g', number) end
`

/** KEYS: the window, a hash. ARGV: length in milliseconds, amount. */
const WINDOW = `${CLOCK}
local key, length, amount = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local number = math.floor(now / length)
local kept = redis.call('HMGET', key, 'number', 'current', 'previous')
local current, previous = tonumber(kept[2] or 0), tonumber(kept[3] or 0)
if tonumber(kept[1] or number) ~= number then
  previous = tonumber(kept[1]) == number - 1 and current or 0
  current = 0
end
local function keep()
  redis.call('HSET', key, 'number', text(number), 'current', text(current), 'previous', text(previous))
  redis.call('PEXPIRE', key, 2 * length)
end
`

/** ARGV also: the limit. Gives whether it was taken, what was used in the window before and in this one, and the time. */
export const TAKE_FROM_WINDOW = redisScript(`${WINDOW}
local used = previous * (1 - (now % length) / length) + current
local before = current
local taken = used + amount <= tonumber(ARGV[3])
if taken then
  current = current + amount
  keep()
end
return { taken and 1 or 0, text(previous), text(before), text(now) }
`)

export const REFUND_TO_WINDOW = redisScript(`${WINDOW}
local from_current = math.min(current, amount)
current = current - from_current
previous = math.max(0, previous - (amount - from_current))
keep()
`)

/** KEYS: the bucket, a hash. ARGV: what it holds, what comes back per second, amount. */
const BUCKET = `${CLOCK}
local key, burst, per_second, amount = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', key, 'tokens', 'at')
local tokens = tonumber(kept[1] or burst)
tokens = math.min(burst, tokens + math.max(0, now - tonumber(kept[2] or now)) * per_second / 1000)
local function keep()
  redis.call('HSET', key, 'tokens', text(tokens), 'at', text(now))
  redis.call('PEXPIRE', key, math.ceil(burst / per_second * 1000) + 1000)
end
`

/** Gives whether it was taken, and what was in the bucket before. */
export const TAKE_FROM_BUCKET = redisScript(`${BUCKET}
local before = tokens
local taken = amount <= tokens
if taken then tokens = tokens - amount end
keep()
return { taken and 1 or 0, text(before) }
`)

export const REFUND_TO_BUCKET = redisScript(`${BUCKET}
tokens = math.min(burst, tokens + amount)
keep()
`)
