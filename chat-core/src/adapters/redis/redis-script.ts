import { createHash } from 'node:crypto'

/** A Lua script, which Redis runs as one step. */
export interface RedisScript {
  readonly source: string
  /** What Redis calls it once it has seen the source. */
  readonly sha1: string
}

export function redisScript(source: string): RedisScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') }
}
