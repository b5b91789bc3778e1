import { redisScript } from './redis-script.ts'

// The same rules as in `sliding-window.ts` and `token-bucket.ts`, by Redis' clock, each in one step. `judge` of those
// files words the verdict from the numbers that come back. Numbers travel as text: Redis would cut fractions off.

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.17g', number) end
`

/** Windows are hashes. */
const WINDOW = `${CLOCK}
local function open(key, length)
  local number = math.floor(now / length)
  local kept = redis.call('HMGET', key, 'number', 'current', 'previous')
  local current, previous = tonumber(kept[2] or 0), tonumber(kept[3] or 0)
  if tonumber(kept[1] or number) ~= number then
    previous = tonumber(kept[1]) == number - 1 and current or 0
    current = 0
  end
  return { key = key, length = length, number = number, current = current, previous = previous }
end
local function keep(window)
  redis.call('HSET', window.key, 'number', text(window.number), 'current', text(window.current),
    'previous', text(window.previous))
  redis.call('PEXPIRE', window.key, 2 * window.length)
end
`

/**
 * KEYS: windows, which differ. ARGV, for each: length in milliseconds, amount, limit. Takes from all or from none. Gives
 * the time, and for each whether there was enough, and what was used in the window before and in this one.
 */
export const TAKE_FROM_WINDOWS = redisScript(`${WINDOW}
local windows, answer, all = {}, { text(now) }, true
for i = 1, #KEYS do
  local length, amount, limit = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local window = open(KEYS[i], length)
  local used = window.previous * (1 - (now % length) / length) + window.current
  local enough = used + amount <= limit
  all = all and enough
  table.insert(answer, enough and 1 or 0)
  table.insert(answer, text(window.previous))
  table.insert(answer, text(window.current))
  window.current = window.current + amount
  windows[i] = window
end
if all then
  for i = 1, #KEYS do keep(windows[i]) end
end
return answer
`)

/** KEYS: the window. ARGV: its length, amount. */
export const REFUND_TO_WINDOW = redisScript(`${WINDOW}
local window, amount = open(KEYS[1], tonumber(ARGV[1])), tonumber(ARGV[2])
local from_current = math.min(window.current, amount)
window.current = window.current - from_current
window.previous = math.max(0, window.previous - (amount - from_current))
keep(window)
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
