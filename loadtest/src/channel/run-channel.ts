import { readProcess } from '../bench/process-meter.ts'
import { dividePeople } from '../load/divide-people.ts'
import { LoadFleet } from '../load/load-fleet.ts'
import { sumOf } from '../load/sum-of.ts'
import { measureAudience, type ChannelRow } from './measure-audience.ts'
import { openSpeaker } from './speaker.ts'

export interface ChannelOptions {
  /** Of the gateways, among whom followers are divided. */
  readonly ports: readonly number[]
  readonly gatewayPids: readonly number[]
  readonly tokenSecret: string
  readonly followers: number
  /** One rate after the other, each for so long. */
  readonly messagesPerSecond: readonly number[]
  readonly seconds: number
  readonly tell: (line: string) => void
}

export interface ChannelResult {
  readonly followers: number
  readonly gatheredMs: number
  readonly gatewayRssBytesPerSocket: number
  readonly rows: readonly ChannelRow[]
}

/** A channel with many connected followers: how long a message takes to the last of them. */
export async function runChannel(options: ChannelOptions): Promise<ChannelResult> {
  const speaker = await openSpeaker({
    port: options.ports[0] ?? 0,
    tokenSecret: options.tokenSecret,
  })
  const { conversationId } = speaker
  const people = { ...options, users: options.followers, processes: options.ports.length }
  const shares = dividePeople(people)
  const crowds = new LoadFleet(
    'crowd',
    shares.map((share) => ({ ...share, conversationId })),
  )
  try {
    const rssBefore = rssOf(options)
    const startedMs = performance.now()
    await crowds.askAll('gather')
    const gatheredMs = Math.round(performance.now() - startedMs)
    options.tell(`${options.followers} followers after ${gatheredMs} ms`)
    const gatewayRssBytesPerSocket = Math.round((rssOf(options) - rssBefore) / options.followers)
    const rows: ChannelRow[] = []
    const audience = {
      followers: options.followers,
      speak: (rate: number, seconds: number) => speaker.speak(rate, seconds),
      report: async () => (await crowds.askAll('report')).flat(),
      cpuMs: () => sumOf(options.gatewayPids, (pid) => readProcess(pid).cpuMs),
    }
    for (const rate of options.messagesPerSecond) {
      const row = await measureAudience(audience, rate, options.seconds)
      options.tell(JSON.stringify(row))
      rows.push(row)
    }
    return { followers: options.followers, gatheredMs, gatewayRssBytesPerSocket, rows }
  } finally {
    crowds.end()
    speaker.close()
  }
}

function rssOf({ gatewayPids }: ChannelOptions): number {
  return sumOf(gatewayPids, (pid) => readProcess(pid).rssBytes)
}
