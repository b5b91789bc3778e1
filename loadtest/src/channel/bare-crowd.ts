import type { BenchConnection } from '../bench/bench-target.ts'
import { connectUsers } from '../bench/connect-users.ts'
import { createBareRelayTarget } from '../bench/targets/bare-relay-target.ts'
import type { PeopleShare } from '../load/divide-people.ts'
import { Arrivals, type Arrival } from './arrivals.ts'

/** The followers of a channel again, on relays that do as little as a server can. */
export class BareCrowd {
  readonly #share: PeopleShare
  readonly #arrivals = new Arrivals()
  #connections: readonly BenchConnection[] = []

  constructor(share: PeopleShare) {
    this.#share = share
  }

  /** What arrived so far. */
  report(): Promise<readonly Arrival[]> {
    return Promise.resolve(this.#arrivals.list())
  }

  /** Connects them all and joins them to the relays' first room. */
  async gather(): Promise<void> {
    const { firstUser, users, ports } = this.#share
    const target = createBareRelayTarget({
      name: 'uWebSockets relay',
      servers: { start: nothing, stop: nothing, processes: () => [] },
      portOf: (user) => ports[user % ports.length] ?? 0,
    })
    const listener = {
      delivered: (text: string) => this.#arrivals.note(Number.parseInt(text, 10)),
      acknowledged: () => undefined,
      failed: () => undefined,
    }
    this.#connections = await connectUsers(target, { listener }, firstUser, users)
    await target.prepare([Array.from(this.#connections, (_, index) => firstUser + index)])
  }
}

function nothing(): Promise<void> {
  return Promise.resolve()
}
