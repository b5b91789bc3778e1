import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openNatsOwnerDirectory } from '../../../src/adapters/nats/owner-directory.ts'
import type { OwnerDirectory } from '../../../src/ports/owner-directory.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeOwnerDirectory } from '../../contracts/owner-directory.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { openTestNatsClient } from '../../support/nats-clients.ts'
import { startServersOfFile } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'
import { provisionTestLog } from './log-stage.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) {
  const urls = servers.addresses.nats
  const subject: ContractSubject<{ readonly directory: OwnerDirectory }> = {
    async open(test) {
      const deployment = await provisionTestLog(test, urls)
      const open = async () => {
        const client = await openTestNatsClient(test, urls, deployment)
        const telemetry = new RecordedServerTelemetry()
        return { directory: await openNatsOwnerDirectory({ client, telemetry }) }
      }
      return { one: await open(), other: await open(), advance: setTimeout }
    },
  }
  describeOwnerDirectory('nats', subject)
  describe('the owner directory without its server', () => {
    it('says that it cannot be asked, and knows who lives once it can be', async (test) => {
      const { one, other } = await subject.open(test)
      const anton = { ownerId: 'anton', newestRecordVersion: 1 }
      await one.directory.beat(anton)
      let changes = 0
      const stop = other.directory.watch({
        changed: () => changes++,
        released: () => undefined,
        takenOver: () => undefined,
      })
      await servers.server('nats').kill()
      for (const ask of [() => one.directory.list(), () => one.directory.beat(anton)])
        await assert.rejects(ask(), { code: 'unavailable', retryable: true })
      await one.directory.release(3)
      await servers.server('nats').start()
      await eventually(async () => {
        await one.directory.beat(anton)
        assert.deepEqual(await other.directory.list(), [anton])
      })
      await eventually(() => assert.ok(changes > 0))
      stop()
    })

    it('says so as well when it stands still, in time', async (test) => {
      const { one } = await subject.open(test)
      test.after(() => servers.server('nats').resume())
      await servers.server('nats').pause()
      // A question on its way may still be answered.
      await eventually(() => assert.rejects(one.directory.list(), { code: 'unavailable' }))
      servers.server('nats').resume()
      await eventually(() => one.directory.list())
    })
  })
}
