import type { LogStage } from './log-stage.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeCommandLog } from '../../contracts/command-log.contract.ts'
import { startServersOfFile } from '../../support/real-servers.ts'
import { openLogStage, provisionTestLog } from './log-stage.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) {
  const urls = servers.addresses.nats
  const subject: ContractSubject<LogStage> = {
    async open(test) {
      const deployment = await provisionTestLog(test, urls)
      return {
        one: await openLogStage(test, urls, { deployment }),
        other: await openLogStage(test, urls, { deployment }),
        advance: () => Promise.resolve(),
      }
    },
  }
  describeCommandLog('nats', subject)
}
