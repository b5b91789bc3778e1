import { ChatError } from '@satchel/protocol'
import type { Clock } from '../../src/ports/clock.ts'
import type { Timers } from '../../src/runtime/index.ts'
import type { Weather } from './weather.ts'
import type { World } from './world.ts'

const CALL_DEADLINE_MS = 800

/**
 * One process of the cluster, as far as the world can tell: it may be stopped for a while, and then goes
 * on as if nothing had been, or die. What it has sent by then is on its way all the same.
 */
export class SimulatedProcess {
  readonly id: string
  readonly world: World
  readonly #weather: Weather
  readonly #parked: (() => void)[] = []
  #state: 'running' | 'paused' | 'dead' = 'running'
  #calls = 0
  /** How wrong its time of day is. */
  clockErrorMs = 0
  /** What happens to it before it asks for something for the so-many-th time. */
  beforeCall: ((calls: number) => void) | undefined

  constructor(world: World, weather: Weather, id: string) {
    this.world = world
    this.#weather = weather
    this.id = id
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  readonly clock: Clock = { nowMs: () => this.world.timeOfDayMs + this.clockErrorMs }

  readonly timers: Timers = {
    elapsedMs: () => this.world.nowMs,
    after: (delayMs, callback) => {
      let isCancelled = false
      const cancel = this.world.after(delayMs, () => {
        this.deliver(() => {
          if (!isCancelled) callback()
        })
      })
      return () => {
        isCancelled = true
        cancel()
      }
    },
  }

  crash(): void {
    this.#state = 'dead'
    this.#parked.length = 0
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    for (const callback of this.#parked.splice(0)) callback()
  }

  /** Something reaches the process: now, once it goes on, or never. */
  deliver(callback: () => void): void {
    if (this.#state === 'running') callback()
    else if (this.#state === 'paused') this.#parked.push(callback)
  }

  /**
   * Asks a server to do something. It may happen and be answered, happen without an answer, happen after
   * the caller has given up, or not at all.
   */
  call<Result>(server: string, what: string, apply: () => Result): Promise<Result> {
    const { world } = this
    this.beforeCall?.(++this.#calls)
    return new Promise<Result>((resolve, reject) => {
      if (this.isDead) return
      const act = (): (() => void) => {
        try {
          const result = apply()
          world.note(server, () => `${what} for ${this.id}`)
          return () => resolve(result)
        } catch (error) {
          return () => reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const giveUp = (): void => {
        const text = `${server} does not answer: ${what}`
        world.after(CALL_DEADLINE_MS, () =>
          this.deliver(() => reject(new ChatError('unavailable', text))),
        )
      }
      const fate = this.#weather.fateOfCall(server)
      if (fate !== 'arrives') world.note(this.id, `${what}: ${fate}`)
      switch (fate) {
        case 'arrives':
          world.after(this.#weather.latencyMs(), () => {
            const settle = act()
            world.after(this.#weather.latencyMs(), () => this.deliver(settle))
          })
          return
        case 'answer lost':
          world.after(this.#weather.latencyMs(), act)
          giveUp()
          return
        case 'late':
          world.after(CALL_DEADLINE_MS + this.#weather.delayMs(), act)
          giveUp()
          return
        case 'lost':
          giveUp()
          return
        default:
          fate satisfies never
      }
    })
  }
}
