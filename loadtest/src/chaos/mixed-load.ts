import { newConversationId, type UserId } from '@satchel/protocol'
import type { LoadDevice } from '../client/load-device.ts'
import type { Random } from '../random.ts'
import { chooseCommand } from './choose-command.ts'

export interface MixedLoadOptions {
  readonly devices: readonly LoadDevice[]
  readonly random: Random
  readonly commandsPerSecond: number
  readonly now: () => number
}

const TICK_MS = 5
/** A device that waits for so many answers of one conversation asks for nothing more there. */
const MAX_UNANSWERED = 24
const CHANNEL_PROBABILITY = 0.25
const CREATE_PROBABILITY = 0.002
const NEW_GROUP_MEMBERS = 4
const CUT_PROBABILITY = 0.0005

/** Everything people do, at a steady rate, whether the server is there or not. */
export class MixedLoad {
  readonly #options: MixedLoadOptions
  readonly #everybody: readonly UserId[]
  #timer: NodeJS.Timeout | undefined
  #startedMs = 0
  #asked = 0

  constructor(options: MixedLoadOptions) {
    this.#options = options
    this.#everybody = [...new Set(options.devices.map(({ userId }) => userId))]
  }

  /** What was asked for so far. */
  get asked(): number {
    return this.#asked
  }

  start(): void {
    this.#startedMs = this.#options.now()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** A group of `creator` with these members, or now and then a channel, which is told by subject. */
  createGroup(creator: LoadDevice, memberIds: readonly UserId[]): void {
    const conversationKind = this.#options.random.chance(CHANNEL_PROBABILITY) ? 'channel' : 'group'
    const conversationId = newConversationId(conversationKind)
    const build = (key: string) =>
      ({
        kind: 'create_conversation',
        conversationKind,
        title: `Group of ${key}`,
        memberIds: [...memberIds],
      }) as const
    creator.ask({ conversationId }, build, this.#options.now())
  }

  #tick(): void {
    const { now, commandsPerSecond } = this.#options
    const due = ((now() - this.#startedMs) / 1_000) * commandsPerSecond
    while (this.#asked < due) {
      this.#asked++
      this.#askOne()
    }
  }

  #askOne(): void {
    const { devices, random, now } = this.#options
    const device = random.pick(devices)
    if (device === undefined) return
    if (random.chance(CUT_PROBABILITY)) device.cut()
    if (random.chance(CREATE_PROBABILITY)) {
      const members = Array.from({ length: NEW_GROUP_MEMBERS }, () => random.pick(this.#everybody))
      this.createGroup(device, [...new Set(members.filter((userId) => userId !== undefined))])
      return
    }
    const chosen = chooseCommand(random, device, this.#everybody)
    if (chosen === undefined) return
    const { destination, build } = chosen
    if (device.unansweredIn(destination.conversationId) < MAX_UNANSWERED)
      device.ask(destination, build, now())
  }
}
