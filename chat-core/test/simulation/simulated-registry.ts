import type { SessionId, UserId } from '@satchel/protocol'
import type { SessionEntry, SessionRegistry } from '../../src/ports/session-registry.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

const STALE_MS = 2_000

/** Who is where. Owners may see it as it was up to two seconds ago. */
export class SimulatedRegistry {
  readonly #world: World
  readonly #entries = new Map<SessionId, SessionEntry>()
  #remembered: readonly SessionEntry[] = []
  #rememberedMs = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Everything is forgotten, as by `FLUSHALL`; gateways bring theirs back. */
  forgetGateway(gatewayId: string): void {
    for (const [id, entry] of this.#entries)
      if (entry.gatewayId === gatewayId) this.#entries.delete(id)
  }

  open(process: SimulatedProcess): SessionRegistry {
    return {
      crossProcess: true,
      register: (entry) =>
        process.call('registry', `register ${entry.sessionId}`, () => {
          this.#entries.set(entry.sessionId, entry)
        }),
      unregister: (entry) =>
        process.call('registry', `unregister ${entry.sessionId}`, () => {
          this.#entries.delete(entry.sessionId)
        }),
      locate: (userIds) => {
        const wanted = new Set(userIds)
        return process.call('registry', 'locate', () => ({
          usersAt: this.#locate(wanted),
          isComplete: true,
        }))
      },
      watchGaps: () => () => undefined,
    }
  }

  #locate(wanted: ReadonlySet<UserId>): ReadonlyMap<string, readonly UserId[]> {
    if (this.#world.nowMs - this.#rememberedMs > STALE_MS) {
      this.#remembered = [...this.#entries.values()]
      this.#rememberedMs = this.#world.nowMs
    }
    const isStale = this.#world.random.chance(0.3)
    const found = new Map<string, Set<UserId>>()
    for (const { userId, gatewayId } of isStale ? this.#remembered : this.#entries.values()) {
      if (!wanted.has(userId)) continue
      const users = found.get(gatewayId) ?? new Set()
      found.set(gatewayId, users.add(userId))
    }
    return new Map([...found].map(([gatewayId, users]) => [gatewayId, [...users]]))
  }
}
