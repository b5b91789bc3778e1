import type { ServiceAddresses } from '../../../scripts/services/start-services.mjs'
import { openWire, type Wire } from './wire.ts'

/** Whose wires to servers may be hurt, all processes of a role together. */
export const WIRED_ROLES = ['gateway', 'chat-core'] as const
export type WiredRole = (typeof WIRED_ROLES)[number]

/** The wires of one deployment. */
export class Wires {
  readonly #wires: Wire[] = []

  list(): readonly Wire[] {
    return this.#wires
  }

  async open(name: string, address: string): Promise<Wire> {
    const wire = await openWire(name, address)
    this.#wires.push(wire)
    return wire
  }

  /** The settings by which processes of this role reach every server over a wire of their role. */
  async settingsOf(
    role: WiredRole,
    { nats, redis, cassandra }: ServiceAddresses,
  ): Promise<Readonly<Record<string, string>>> {
    if (redis === undefined || cassandra === undefined) throw new Error('no server to wire')
    const toNats = await Promise.all(
      nats.map((address, index) => this.open(natsName(role, index), address)),
    )
    const toRedis = await this.open(`${role}-redis`, redis)
    const toCassandra = await this.open(`${role}-cassandra`, cassandra.contactPoint)
    return {
      SATCHEL_NATS_URLS: toNats.map(({ address }) => address).join(','),
      SATCHEL_REDIS_URL: toRedis.address,
      SATCHEL_CASSANDRA_HOSTS: toCassandra.address,
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#wires.map((wire) => wire.close()))
  }
}

/** The first server's wire has the plain name: with one server or three, it is there. */
function natsName(role: WiredRole, index: number): string {
  return index === 0 ? `${role}-nats` : `${role}-nats-${index + 1}`
}
