import { ChatError } from '@satchel/protocol'
import type { AnswerQuestions, OwnerAnswer, OwnerRequests } from '../../src/ports/owner-requests.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Weather } from './weather.ts'
import type { World } from './world.ts'

const DEADLINE_MS = 1_000

interface Server {
  readonly process: SimulatedProcess
  readonly answer: AnswerQuestions
}

/** Questions find whoever serves the partition, if anybody does. */
export class SimulatedRequests {
  readonly #world: World
  readonly #weather: Weather
  readonly #servers = new Map<number, Set<Server>>()

  constructor(world: World, weather: Weather) {
    this.#world = world
    this.#weather = weather
  }

  open(process: SimulatedProcess): OwnerRequests {
    return {
      ask: (partition, questions) =>
        new Promise((resolve, reject) => {
          const later = (ms: number, run: () => void): void => {
            this.#world.after(ms, () => process.deliver(run))
          }
          later(DEADLINE_MS, () =>
            reject(new ChatError('unavailable', `nobody answers for partition ${partition}`)),
          )
          const server = this.#world.random.pick(
            [...(this.#servers.get(partition) ?? [])].filter((one) => !one.process.isDead),
          )
          if (server === undefined) return
          const settle = (answers: readonly OwnerAnswer[] | undefined): void => {
            if (server.process.isDead || answers === undefined) return
            later(this.#weather.latencyMs(), () => resolve(answers as never))
          }
          this.#world.after(this.#weather.latencyMs(), () =>
            server.process.deliver(() => {
              server.answer(questions).then(settle, () => settle(undefined))
            }),
          )
        }),
      serve: (partition, answer) => {
        const servers = this.#servers.get(partition) ?? new Set()
        this.#servers.set(partition, servers)
        const server = { process, answer }
        servers.add(server)
        return () => servers.delete(server)
      },
    }
  }
}
