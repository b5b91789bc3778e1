import type { SimulatedCluster } from './simulated-cluster.ts'

/** One thing that goes wrong; the number is how often it does, compared with the others. */
const STRIKES: readonly (readonly [number, string, (cluster: SimulatedCluster) => void])[] = [
  [4, 'a chat-core crashes', (cluster) => cluster.crashChatCore()],
  [4, 'a chat-core is stopped for a while', (cluster) => cluster.pauseChatCore()],
  [2, 'a chat-core hands over and ends', (cluster) => cluster.closeChatCore()],
  [2, 'a chat-core sees nobody else', (cluster) => cluster.blindChatCore()],
  [1, 'all heartbeats are gone', ({ servers }) => servers.directory.wipe()],
  [2, 'a gateway crashes', (cluster) => cluster.crashGateway()],
  [1, 'a gateway is stopped for a while', (cluster) => cluster.pauseGateway()],
  [2, 'a device reconnects', (cluster) => cluster.reconnectDevice()],
  [2, 'a process is cut off from the bus', (cluster) => cluster.cutOff()],
  [1, 'the store is away', (cluster) => cluster.breakDown('store', 4_000)],
  [1, 'the log is away', (cluster) => cluster.breakDown('log', 4_000)],
  [1, 'the directory is away', (cluster) => cluster.breakDown('directory', 6_000)],
  [1, 'the registry is away', (cluster) => cluster.breakDown('registry', 3_000)],
  [1, 'a clock jumps', (cluster) => cluster.jumpClock()],
]
const TOTAL = STRIKES.reduce((sum, [weight]) => sum + weight, 0)

/** Lets something go wrong. */
export function strike(cluster: SimulatedCluster): void {
  const { world } = cluster
  let ticket = world.random.next() * TOTAL
  const found = STRIKES.find(([weight]) => (ticket -= weight) < 0)
  if (found === undefined) return
  const [, what, happen] = found
  world.note('nemesis', what)
  happen(cluster)
}
