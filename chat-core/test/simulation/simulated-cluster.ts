import type { OutboxId, UserId } from '@satchel/protocol'
import { idOf, outboxOf, userOf } from '../domain/conversation-run.ts'
import type { Breakage } from './breakage.ts'
import { Servers } from './servers.ts'
import { SimulatedChatCore } from './simulated-chat-core.ts'
import { SimulatedDevice } from './simulated-device.ts'
import { SimulatedGateway } from './simulated-gateway.ts'
import type { World } from './world.ts'

const PARTITIONS = 2
const USERS = 3

/** Chat-cores, gateways, devices and what they stand on; and what may be done to them. */
export class SimulatedCluster {
  readonly world: World
  readonly servers: Servers
  readonly chatCores: SimulatedChatCore[] = []
  readonly gateways: SimulatedGateway[] = []
  readonly devices: SimulatedDevice[] = []
  #started = 0
  #boots = 0
  #outboxes = 0
  #groups = 0

  constructor(world: World, breakage: Breakage | undefined) {
    this.world = world
    this.servers = new Servers(world, PARTITIONS, breakage)
    for (let index = 0; index < 2; index++) this.startGateway(`gateway-${index}`)
    for (let index = world.random.between(1, 3); index > 0; index--) this.startChatCore()
    const everybody = Array.from({ length: USERS }, (_, index) => userOf(`user-${index}`))
    for (const userId of everybody) this.#addDevice(userId, everybody, 1)
    this.#addDevice(everybody[0]!, everybody, 2)
    for (const device of this.devices.slice(0, 2)) this.createGroup(device, true)
  }

  startChatCore(): void {
    const { random } = this.world
    // As in the middle of a change of settings.
    const settings = {
      clientsMayCreateGroups: random.chance(0.5),
      historyForNewcomers: random.chance(0.5),
      eraseBlanksMessages: random.chance(0.5),
    }
    this.chatCores.push(new SimulatedChatCore(this.servers, `core-${++this.#started}`, settings))
  }

  startGateway(gatewayId: string): void {
    this.gateways.push(new SimulatedGateway(this.servers, gatewayId, ++this.#boots))
  }

  createGroup(device: SimulatedDevice, byServer?: true): void {
    const members = this.devices.map(({ userId }) => userId)
    const memberIds = members.filter(() => this.world.random.chance(0.7))
    device.createGroup(idOf('group', ++this.#groups), [...new Set(memberIds)], byServer)
  }

  crashChatCore(): void {
    const found = this.#pickChatCore()
    if (found !== undefined) this.crash(found)
  }

  crash(chatCore: SimulatedChatCore): void {
    chatCore.process.crash()
    this.#replace(chatCore, this.world.random.between(100, 3_000))
  }

  pause(process: SimulatedChatCore['process'], forMs: number): void {
    process.pause()
    this.world.after(forMs, () => {
      this.world.note(process.id, 'goes on')
      process.resume()
    })
  }

  closeChatCore(): void {
    const found = this.#pickChatCore()
    if (found === undefined) return
    found.close()
    this.#replace(found, this.world.random.between(0, 500))
  }

  pauseChatCore(): void {
    this.#pause(this.#pickChatCore()?.process)
  }

  blindChatCore(): void {
    const found = this.#pickChatCore()
    if (found !== undefined)
      this.servers.directory.blind(found.process, this.world.random.between(1_000, 10_000))
  }

  crashGateway(): void {
    const found = this.world.random.pick(this.gateways)
    if (found === undefined) return
    found.crash()
    this.gateways.splice(this.gateways.indexOf(found), 1)
    this.world.after(this.world.random.between(100, 2_000), () =>
      this.startGateway(found.gatewayId),
    )
  }

  pauseGateway(): void {
    this.#pause(this.world.random.pick(this.gateways)?.process)
  }

  reconnectDevice(): void {
    this.world.random.pick(this.devices)?.reconnect()
  }

  cutOff(): void {
    const found = this.world.random.pick([...this.chatCores, ...this.gateways])
    if (found !== undefined)
      this.servers.bus.cut(found.process, this.world.random.between(200, 8_000))
  }

  breakDown(server: string, maxMs: number): void {
    this.servers.weather.breakDown(server, this.world.random.between(50, maxMs))
  }

  jumpClock(): void {
    const found = this.world.random.pick([...this.chatCores, ...this.gateways])
    if (found !== undefined)
      found.process.clockErrorMs = this.world.random.pick([-1, 1])! * 3_600_000
  }

  /** Nothing goes wrong any more, and what stood still goes on. */
  heal(): void {
    this.servers.weather.clearUp()
    this.servers.directory.openEyes()
    this.servers.bus.mendAll()
    for (const { process } of [...this.chatCores, ...this.gateways]) process.resume()
    if (this.chatCores.length === 0) this.startChatCore()
  }

  #addDevice(userId: UserId, everybody: readonly UserId[], number: number): void {
    const device = new SimulatedDevice({
      world: this.world,
      userId,
      deviceId: `${userId}-${number}`,
      everybody,
      isKnown: (somebody, conversationId) =>
        this.devices.every((one) => one.userId !== somebody || one.isKnownIn(conversationId)),
      newOutboxId: (): OutboxId => outboxOf(++this.#outboxes),
      findGateway: () => this.world.random.pick(this.gateways),
    })
    this.devices.push(device)
    device.connect()
  }

  #pickChatCore(): SimulatedChatCore | undefined {
    return this.world.random.pick(this.chatCores.filter(({ process }) => process.isRunning))
  }

  #replace(chatCore: SimulatedChatCore, delayMs: number): void {
    this.chatCores.splice(this.chatCores.indexOf(chatCore), 1)
    this.world.after(delayMs, () => this.startChatCore())
  }

  #pause(process: SimulatedChatCore['process'] | undefined): void {
    if (process?.isRunning !== true) return
    this.pause(process, this.world.random.between(100, 12_000))
  }
}
