import { setTimeout } from 'node:timers/promises'
import { openNatsOwnerDirectory } from '../../../src/adapters/nats/owner-directory.ts'
import type { OwnerDirectory } from '../../../src/ports/owner-directory.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeOwnerDirectory } from '../../contracts/owner-directory.contract.ts'
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
}
