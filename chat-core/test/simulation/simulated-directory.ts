import type {
  OwnerDirectory,
  OwnerDirectoryWatcher,
  OwnerHeartbeat,
} from '../../src/ports/owner-directory.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

const LIFE_MS = 2_000

/** Which chat-cores live, as far as anybody can tell. */
export class SimulatedDirectory {
  readonly #world: World
  readonly #beats = new Map<
    string,
    { readonly heartbeat: OwnerHeartbeat; readonly endMs: number }
  >()
  readonly #watchers = new Map<OwnerDirectoryWatcher, SimulatedProcess>()
  /** Who sees nobody but itself until when: owners that believe in the same partitions. */
  readonly #blinded = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  wipe(): void {
    this.#beats.clear()
  }

  blind(process: SimulatedProcess, forMs: number): void {
    this.#blinded.set(process.id, this.#world.nowMs + forMs)
  }

  openEyes(): void {
    this.#blinded.clear()
  }

  open(process: SimulatedProcess): OwnerDirectory {
    const { id } = process
    return {
      beat: (heartbeat) =>
        process.call('directory', `beat of ${id}`, () => {
          const isNew = !this.#beats.has(id)
          this.#beats.set(id, { heartbeat, endMs: this.#world.nowMs + LIFE_MS })
          if (isNew) this.#hint((watcher) => watcher.changed())
        }),
      leave: () =>
        process.call('directory', `${id} leaves`, () => {
          this.#beats.delete(id)
          this.#hint((watcher) => watcher.changed())
        }),
      list: () => process.call('directory', `list for ${id}`, () => this.#list(id)),
      release: (partition) =>
        process.call('directory', `${id} releases ${partition}`, () => {
          this.#hint((watcher) => watcher.released(partition))
        }),
      takeOver: (partition) =>
        process.call('directory', `${id} takes over ${partition}`, () => {
          this.#hint((watcher) => watcher.takenOver(partition))
        }),
      watch: (watcher) => {
        this.#watchers.set(watcher, process)
        return () => this.#watchers.delete(watcher)
      },
    }
  }

  #list(askerId: string): readonly OwnerHeartbeat[] {
    const { nowMs } = this.#world
    for (const [id, { endMs }] of this.#beats) if (endMs < nowMs) this.#beats.delete(id)
    const living = [...this.#beats.values()].map(({ heartbeat }) => heartbeat)
    const isBlind = (this.#blinded.get(askerId) ?? 0) > nowMs
    return living
      .filter(({ ownerId }) => !isBlind || ownerId === askerId)
      .sort((one, other) => (one.ownerId < other.ownerId ? -1 : 1))
  }

  #hint(tell: (watcher: OwnerDirectoryWatcher) => void): void {
    for (const [watcher, process] of this.#watchers)
      this.#world.after(this.#world.random.between(1, 5), () =>
        process.deliver(() => tell(watcher)),
      )
  }
}
