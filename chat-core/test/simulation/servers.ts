import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../../src/domain/conversation-state.ts'
import { partitionOf } from '../../src/domain/partition-of.ts'
import type { Checkpoint, Checkpoints } from '../../src/ports/checkpoints.ts'
import type { DeadLetter } from '../../src/ports/dead-letters.ts'
import type { Heads } from '../../src/ports/heads.ts'
import type { Breakage } from './breakage.ts'
import { SimulatedBus } from './simulated-bus.ts'
import { SimulatedDirectory } from './simulated-directory.ts'
import { SimulatedLog } from './simulated-log.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { SimulatedRegistry } from './simulated-registry.ts'
import { SimulatedRequests } from './simulated-requests.ts'
import { SimulatedStore } from './simulated-store.ts'
import { Weather } from './weather.ts'
import type { World } from './world.ts'

/** Everything that the processes of a simulated cluster share. */
export class Servers {
  readonly world: World
  readonly breakage: Breakage | undefined
  readonly weather: Weather
  readonly log: SimulatedLog
  readonly store: SimulatedStore
  readonly bus: SimulatedBus
  readonly registry: SimulatedRegistry
  readonly directory: SimulatedDirectory
  readonly requests: SimulatedRequests
  readonly deadLetters: DeadLetter[] = []
  readonly #checkpoints = new Map<number, Checkpoint>()
  readonly #heads = new Map<ConversationId, HeadRow>()

  constructor(world: World, partitions: number, breakage: Breakage | undefined) {
    this.world = world
    this.breakage = breakage
    this.weather = new Weather(world)
    this.log = new SimulatedLog(world, partitions)
    this.store = new SimulatedStore(world, { isOrdered: breakage !== 'writes carry no timestamps' })
    this.bus = new SimulatedBus(world, this.weather)
    this.registry = new SimulatedRegistry(world)
    this.directory = new SimulatedDirectory(world)
    this.requests = new SimulatedRequests(world, this.weather)
  }

  partitionOf(conversationId: ConversationId): number {
    return partitionOf(conversationId, this.log.partitions.length)
  }

  openCheckpoints(process: SimulatedProcess): Checkpoints {
    return {
      read: (partition) =>
        process.call('store', `read checkpoint ${partition}`, () =>
          this.#checkpoints.get(partition),
        ),
      write: (partition, checkpoint) =>
        process.call('store', `write checkpoint ${partition}: ${checkpoint.record}`, () => {
          const before = this.#checkpoints.get(partition)?.record ?? -1
          if (checkpoint.record > before) this.#checkpoints.set(partition, checkpoint)
        }),
    }
  }

  openHeads(process: SimulatedProcess): Heads {
    return {
      read: (ids) =>
        process.call('heads', 'read heads', () => ids.map((id) => this.#heads.get(id))),
      publish: (heads) =>
        process.call('heads', `publish ${heads.size} heads`, () => {
          for (const [id, head] of heads) this.#publish(id, head)
        }),
    }
  }

  #publish(id: ConversationId, head: HeadRow): void {
    const committed = this.store.readHead(id)?.seq ?? 0
    if (head.seq > committed && this.breakage === undefined)
      this.world.violated(`head ${head.seq} of ${id} is published, ${committed} is committed`)
    if (head.seq > (this.#heads.get(id)?.seq ?? 0)) this.#heads.set(id, head)
  }
}
