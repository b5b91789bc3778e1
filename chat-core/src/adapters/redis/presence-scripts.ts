import { redisScript } from './redis-script.ts'

// A user's sessions are a sorted set: session → when its lifetime ends, by Redis' clock. `present` is one for everybody:
// user → when the last of their sessions ends; whoever is in it counts as there for those who watch.

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

const MONTH_S = 30 * 24 * 3_600
const DAY_S = 24 * 3_600

/**
 * Sessions come and go, in order. KEYS: present, then sessions and last-seen of each. ARGV: the channel, then user,
 * session and lifetime in milliseconds of each; a lifetime of 0 is a session that goes.
 */
export const CHANGE_PRESENCE = redisScript(`${CLOCK}
local present, changed = KEYS[1], {}

local function arrive(sessions, user, session, lifetime)
  local known = tonumber(redis.call('ZSCORE', present, user) or 0)
  redis.call('ZADD', sessions, now + lifetime, session)
  redis.call('EXPIRE', sessions, ${DAY_S})
  if now + lifetime > known then redis.call('ZADD', present, now + lifetime, user) end
  if known == 0 then changed[#changed + 1] = { userId = user, online = true } end
end

local function leave(sessions, seen, user, session)
  local ends = tonumber(redis.call('ZSCORE', sessions, session) or 0)
  if redis.call('ZREM', sessions, session) == 0 then return end
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now)
  local last = redis.call('ZREVRANGE', sessions, 0, 0, 'WITHSCORES')
  if last[1] then
    redis.call('ZADD', present, last[2], user)
  elseif redis.call('ZREM', present, user) == 1 then
    local at = math.min(now, ends)
    redis.call('SET', seen, string.format('%.0f', at), 'EX', ${MONTH_S})
    changed[#changed + 1] = { userId = user, online = false, lastSeenMs = at }
  end
end

for at = 1, (#KEYS - 1) / 2 do
  local sessions, seen = KEYS[2 * at], KEYS[2 * at + 1]
  local user, session, lifetime = ARGV[3 * at - 1], ARGV[3 * at], tonumber(ARGV[3 * at + 1])
  if lifetime > 0 then arrive(sessions, user, session, lifetime)
  else leave(sessions, seen, user, session) end
end
if #changed > 0 then redis.call('PUBLISH', ARGV[1], cjson.encode(changed)) end
`)

/** Sessions whose lifetime has ended. KEYS: present. ARGV: the channel, what keys of sessions and of last-seen start with, how many users at most. */
export const SWEEP_PRESENCE = redisScript(`${CLOCK}
local gone, changed = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[4]), {}
for at = 1, #gone, 2 do
  local user, ended = gone[at], tonumber(gone[at + 1])
  redis.call('ZREM', KEYS[1], user)
  redis.call('DEL', ARGV[2] .. user)
  redis.call('SET', ARGV[3] .. user, string.format('%.0f', ended), 'EX', ${MONTH_S})
  changed[#changed + 1] = { userId = user, online = false, lastSeenMs = ended }
end
if #changed > 0 then redis.call('PUBLISH', ARGV[1], cjson.encode(changed)) end
`)
