import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { logStreamOf } from '../../../src/adapters/nats/log-streams.ts'
import { eventually } from '../../support/eventually.ts'
import { startRealServers } from '../../support/real-servers.ts'
import { openLogStage, provisionTestLog } from './log-stage.ts'
import { countersOnce, oneTo, readAll, ResendingSender } from './resending-sender.ts'

const PATIENCE_MS = 60_000
/** Half a minute is usual. What is sent is sent again for as long as it takes: a cluster that does not come back must not hold up the rest. */
const DEADLINE_MS = 180_000

describe('a log on three servers', () => {
  it(
    'loses nothing, and keeps the order, while the server that leads it dies, three times',
    { timeout: DEADLINE_MS },
    async (test) => {
      const servers = await startRealServers(test, ['nats'], { natsServers: 3 })
      if (servers === undefined) return
      const { nats: urls } = servers.addresses
      const deployment = await provisionTestLog(test, urls, { replicas: 3 })
      const gateways = [
        await openLogStage(test, urls, { deployment }),
        await openLogStage(test, urls, { deployment }),
      ]
      await assert.rejects(
        provisionTestLog(test, urls, { deployment, replicas: 1 }),
        /is kept by 3 servers, SATCHEL_NATS_REPLICAS asks for 1/,
      )
      const reading = await openLogStage(test, urls, { deployment })
      const records = readAll(reading.commandLog)
      const senders = gateways.map(() => new ResendingSender())
      test.after(() => senders.forEach((sender) => sender.stop()))
      let upTo = 0
      for (let kills = 0; kills < 3; kills++) {
        upTo += 100
        const sent = Promise.all(
          senders.map((sender, index) => sender.send(upTo, () => gateways[index]!.commandLog, 4)),
        )
        const leader = await leaderOf(test, urls, deployment)
        await servers.server(leader).kill()
        await sent
        await servers.server(leader).start()
        await servers.untilUsable()
      }
      for (const sender of senders) {
        await eventually(
          () => assert.deepEqual(countersOnce(records, sender), oneTo(upTo)),
          PATIENCE_MS,
        )
      }
      assert.deepEqual(
        records.map(({ record }) => record),
        oneTo(records.length),
      )
      const { lastRecord } = await reading.partitionLog.extent(0)
      assert.equal(lastRecord, records.length)
    },
  )
})

async function leaderOf(
  test: TestContext,
  urls: readonly string[],
  deployment: string,
): Promise<string> {
  const { client } = await openLogStage(test, urls, { deployment })
  const manager = await client.connection.jetstreamManager()
  const { cluster } = await manager.streams.info(logStreamOf(deployment, 0))
  assert.ok(cluster?.leader !== undefined)
  return cluster.leader
}
