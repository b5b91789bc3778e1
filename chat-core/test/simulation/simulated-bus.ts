import { ChatError } from '@satchel/protocol'
import type { GatewayBus, GatewayListener, GatewayMessage } from '../../src/ports/gateway-bus.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Weather } from './weather.ts'
import type { World } from './world.ts'

/** How long it takes a process to notice that it is cut off. */
const NOTICE_MS = 2_000
const FLUSH_DEADLINE_MS = 1_000

interface Link {
  readonly process: SimulatedProcess
  readonly gaps: Set<() => void>
  isUp: boolean
  isKnownDown: boolean
}

/** Between owners and gateways: in order, at most once, and nothing while either end is cut off. */
export class SimulatedBus {
  readonly #world: World
  readonly #weather: Weather
  readonly #listeners = new Map<
    string,
    { readonly link: Link; readonly listener: GatewayListener }
  >()
  readonly #links = new Map<SimulatedProcess, Link>()
  // When the last message from one process to another arrives: none overtakes another.
  readonly #arrivals = new Map<string, number>()

  constructor(world: World, weather: Weather) {
    this.#world = world
    this.#weather = weather
  }

  /** Cuts a process off for a while; it notices later, and learns when it is over. */
  cut(process: SimulatedProcess, forMs: number): void {
    const link = this.#links.get(process)
    if (link?.isUp !== true) return
    link.isUp = false
    this.#world.after(Math.min(NOTICE_MS, forMs), () => {
      link.isKnownDown = !link.isUp
    })
    this.#world.after(forMs, () => this.#mend(link))
  }

  mendAll(): void {
    for (const link of this.#links.values()) if (!link.isUp) this.#mend(link)
  }

  open(process: SimulatedProcess): GatewayBus {
    const link: Link = { process, gaps: new Set(), isUp: true, isKnownDown: false }
    this.#links.set(process, link)
    return {
      crossProcess: true,
      get connected() {
        return !link.isKnownDown
      },
      send: (gatewayId, message) => this.#send(link, gatewayId, message),
      publish: () => undefined,
      broadcast: () => undefined,
      listen: (gatewayId, listener) => {
        const entry = { link, listener }
        this.#listeners.set(gatewayId, entry)
        return () => {
          if (this.#listeners.get(gatewayId) === entry) this.#listeners.delete(gatewayId)
        }
      },
      subscribe: () => undefined,
      unsubscribe: () => undefined,
      flush: () => this.#flush(link),
      watchGaps: (gap) => {
        link.gaps.add(gap)
        return () => link.gaps.delete(gap)
      },
    }
  }

  #flush(link: Link): Promise<void> {
    return new Promise((resolve, reject) => {
      const isThere = link.isUp
      this.#world.after(isThere ? this.#weather.latencyMs() : FLUSH_DEADLINE_MS, () => {
        link.process.deliver(() => {
          if (isThere) resolve()
          else reject(new ChatError('unavailable', 'the bus does not answer'))
        })
      })
    })
  }

  #mend(link: Link): void {
    if (link.isUp) return
    link.isUp = true
    link.isKnownDown = false
    this.#world.note(link.process.id, 'is back on the bus')
    link.process.deliver(() => {
      for (const gap of link.gaps) gap()
    })
  }

  #send(from: Link, gatewayId: string, message: GatewayMessage): void {
    if (from.process.isDead) return
    if (!from.isUp || (message.type === 'events' && this.#weather.losesEvent())) {
      this.#world.note(from.process.id, () => `loses ${describe(message)}`)
      return
    }
    const way = `${from.process.id} ${gatewayId}`
    const soonest = this.#world.nowMs + this.#weather.latencyMs()
    const arrivalMs = Math.max(soonest, (this.#arrivals.get(way) ?? 0) + 1)
    this.#arrivals.set(way, arrivalMs)
    this.#world.after(arrivalMs - this.#world.nowMs, () => {
      const to = this.#listeners.get(gatewayId)
      if (to?.link.isUp !== true) return
      this.#world.note(gatewayId, () => `gets ${describe(message)} of ${from.process.id}`)
      to.link.process.deliver(() => to.listener(message))
    })
  }
}

function describe(message: GatewayMessage): string {
  switch (message.type) {
    case 'answer':
      return `answer ${message.to.ticket} ${JSON.stringify(message.answer)}`
    case 'events':
      return `events ${message.events.map(({ event }) => event.seq).join()} of ${message.conversationId}`
    case 'head':
      return `head ${message.head.seq} of ${message.conversationId}`
    default:
      return message.type
  }
}
