import { readProcess } from '../bench/process-meter.ts'
import { startBareRelay, type TargetsOptions } from '../bench/create-targets.ts'
import { createBareRelayTarget } from '../bench/targets/bare-relay-target.ts'
import { dividePeople } from '../load/divide-people.ts'
import { LoadFleet } from '../load/load-fleet.ts'
import { sumOf } from '../load/sum-of.ts'
import { runOpenLoop } from '../open-loop.ts'
import { measureAudience, type ChannelRow } from './measure-audience.ts'
import type { ChannelOptions } from './run-channel.ts'

export interface ChannelFloorOptions
  extends
    Pick<ChannelOptions, 'followers' | 'messagesPerSecond' | 'seconds' | 'tell'>,
    Pick<TargetsOptions, 'node' | 'environment' | 'folder'> {
  /** As many as there were gateways. */
  readonly relays: number
}

const TEXT_BYTES = 100

/**
 * What the least a server can do costs: as many relays as gateways, as many followers, the same rates. Somebody says
 * everything to each relay; nothing is stored, checked or numbered.
 */
export async function runChannelFloor(
  options: ChannelFloorOptions,
): Promise<readonly ChannelRow[]> {
  const { followers, seconds, tell } = options
  const relays = await Promise.all(
    Array.from({ length: options.relays }, (_, index) => startBareRelay(options, `floor-${index}`)),
  )
  const ports = relays.map(({ port }) => port)
  const people = { users: followers, processes: ports.length, ports, tokenSecret: '' }
  const crowds = new LoadFleet('bare-crowd', dividePeople(people))
  try {
    await crowds.askAll('gather')
    tell(`${followers} followers of relays`)
    const say = await openBareSpeaker(ports)
    let said = 0
    const audience = {
      followers,
      report: async () => (await crowds.askAll('report')).flat(),
      cpuMs: () => sumOf(relays, ({ server }) => readProcess(server.pid ?? 0).cpuMs),
      async speak(messagesPerSecond: number, forSeconds: number) {
        const intended = new Map<number, number>()
        await runOpenLoop(messagesPerSecond, forSeconds, (_, intendedMs) => {
          say(++said)
          intended.set(said, performance.timeOrigin + intendedMs)
        })
        return intended
      },
    }
    const rows: ChannelRow[] = []
    for (const rate of options.messagesPerSecond) {
      rows.push(await measureAudience(audience, rate, seconds))
      tell(JSON.stringify(rows.at(-1)))
    }
    return rows
  } finally {
    crowds.end()
    await Promise.all(relays.map(({ server }) => server.kill('SIGTERM')))
  }
}

/** Gives what says a number in the first room of every relay. */
async function openBareSpeaker(ports: readonly number[]): Promise<(number: number) => void> {
  const nothing = (): Promise<void> => Promise.resolve()
  const servers = { start: nothing, stop: nothing, processes: () => [] }
  const target = createBareRelayTarget({
    name: 'uWebSockets relay',
    servers,
    portOf: (user) => ports[user] ?? 0,
  })
  const ignore = (): void => undefined
  const listener = { delivered: ignore, acknowledged: ignore, failed: ignore }
  const voices = await Promise.all(ports.map((_, relay) => target.connect(relay, listener)))
  await target.prepare([ports.map((_, relay) => relay)])
  return (number) => {
    const text = `${number} `.padEnd(TEXT_BYTES, '.')
    for (const voice of voices) voice.send(0, text)
  }
}
