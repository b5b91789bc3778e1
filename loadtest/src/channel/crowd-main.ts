// A process with followers of a channel: gathers them, says `gathered`, and tells what arrived whenever it is asked.

import { Crowd, type CrowdOptions } from './crowd.ts'

const crowd = new Crowd(parseOptions(process.argv[2] ?? ''))
process.on('message', () => {
  process.send?.({ connected: crowd.connected, arrivals: crowd.arrivals })
})
process.on('disconnect', () => process.exit())
await crowd.gather()
process.send?.('gathered')

function parseOptions(text: string): CrowdOptions {
  return JSON.parse(text) as CrowdOptions
}
