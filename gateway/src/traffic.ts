import type { Metrics, Tally } from '@satchel/chat-core/runtime'

/** What is under a path. `media`: files on their way to and from clients. */
export type PathFamily = 'socket' | 'media' | 'api' | 'page' | 'health'

export interface Flow {
  readonly received: Tally
  readonly sent: Tally
}

/** Payload bytes through this process: bodies of HTTP messages and of WebSocket messages, without headers. */
export type Traffic = Readonly<Record<PathFamily, Flow>>

const FAMILY_OF_SEGMENT: Readonly<Record<string, PathFamily>> = {
  m: 'media',
  h: 'media',
  u: 'media',
  v1: 'api',
  live: 'health',
  ready: 'health',
  metrics: 'health',
}

export function familyOf(path: string): PathFamily {
  return FAMILY_OF_SEGMENT[path.split('/', 2)[1] ?? ''] ?? 'page'
}

export function createTraffic(metrics: Metrics): Traffic {
  const bytes = metrics.counter({
    name: 'satchel_bytes_total',
    help: 'Payload bytes that went through this process, by what they are for (`media` are files) and direction.',
    labels: ['family', 'direction'],
  })
  const flow = (family: PathFamily): Flow => ({
    received: bytes.with({ family, direction: 'in' }),
    sent: bytes.with({ family, direction: 'out' }),
  })
  return {
    socket: flow('socket'),
    media: flow('media'),
    api: flow('api'),
    page: flow('page'),
    health: flow('health'),
  }
}
