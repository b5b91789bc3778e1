import { createClientCodec, parseUserId } from '@satchel/protocol'
import { HttpSender } from '../client/http-sender.ts'
import { LoadDevice } from '../client/load-device.ts'
import { signToken } from '../client/sign-token.ts'
import type { Random } from '../random.ts'
import type { MixedLoad } from './mixed-load.ts'

export interface PopulationOptions {
  readonly users: number
  readonly ports: readonly number[]
  readonly tokenSecret: string
  readonly serverKey: string
  readonly now: () => number
}

const MAX_DEVICES_PER_USER = 3
const HTTP_SENDERS = 6
const GROUP_MEMBERS = 6

/** Users with one to three devices each. */
export function createDevices(
  { users, ports, tokenSecret, now }: PopulationOptions,
  random: Random,
): readonly LoadDevice[] {
  const codec = createClientCodec('msgpack')
  return Array.from({ length: users }, (_, index) => index).flatMap((index) => {
    const userId = parseUserId(`user-${index}`)
    if (userId === undefined) return []
    const token = signToken(tokenSecret, userId, Date.now())
    const localAddress = `127.0.0.${2 + (index % 200)}`
    return Array.from({ length: random.between(1, MAX_DEVICES_PER_USER) }, (_unused, device) => {
      const deviceId = `${userId}-device-${device}`
      const addresses = ports.map((port) => ({ host: '127.0.0.1', port, localAddress }))
      const shared = { codec, random: random.fork(), now }
      return new LoadDevice({ deviceId, userId, token, addresses, ...shared })
    })
  })
}

/** Backends that act for the first few users, where those are members at the moment. */
export function createHttpSenders(
  { ports, serverKey, now }: PopulationOptions,
  devices: readonly LoadDevice[],
  random: Random,
): readonly HttpSender[] {
  const byUser = new Map(devices.map((device) => [device.userId, device]))
  return [...byUser].slice(0, HTTP_SENDERS).map(([userId, { followers }]) => {
    const baseUrls = ports.map((port) => `http://127.0.0.1:${port}`)
    const conversations = () =>
      [...followers]
        .filter(([, { isMember }]) => isMember)
        .map(([conversationId]) => conversationId)
    return new HttpSender({
      baseUrls,
      serverKey,
      userId,
      random: random.fork(),
      now,
      conversations,
    })
  })
}

/** The groups there are from the start; more are made under way. */
export function createGroups(
  groups: number,
  devices: readonly LoadDevice[],
  load: MixedLoad,
  random: Random,
): void {
  for (let index = 0; index < groups; index++) {
    const creator = random.pick(devices)
    const members = Array.from({ length: GROUP_MEMBERS }, () => random.pick(devices)?.userId)
    if (creator === undefined) return
    load.createGroup(creator, [...new Set(members.filter((userId) => userId !== undefined))])
  }
}
