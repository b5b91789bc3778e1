import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/adapters/embedded/clock.ts'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import type { Backend } from '../../src/backends/backend.ts'
import { describeClock } from '../contracts/clock.contract.ts'
import { describeCommandLog } from '../contracts/command-log.contract.ts'
import type { ContractSubject } from '../contracts/contract-subject.ts'
import { describeConversationStore } from '../contracts/conversation-store.contract.ts'
import { describeFollowers } from '../contracts/followers.contract.ts'
import { describeGatewayBus } from '../contracts/gateway-bus.contract.ts'
import { describeHeads } from '../contracts/heads.contract.ts'
import { describeInbox } from '../contracts/inbox.contract.ts'
import { describeMarks } from '../contracts/marks.contract.ts'
import { describeMembers } from '../contracts/members.contract.ts'
import { describeMentions } from '../contracts/mentions.contract.ts'
import { describePresence } from '../contracts/presence.contract.ts'
import { describeQuotaWindows } from '../contracts/quota-windows.contract.ts'
import { describeSessionRegistry } from '../contracts/session-registry.contract.ts'
import { describeTimeline } from '../contracts/timeline.contract.ts'
import { describeUsers } from '../contracts/users.contract.ts'
import { ManualClock } from '../support/manual-clock.ts'

const subject: ContractSubject<Backend> = {
  async open(test: TestContext) {
    const dataDir = await mkdtemp(join(tmpdir(), 'satchel-embedded-'))
    const clock = new ManualClock()
    const backend = await openEmbeddedBackend({
      dataDir,
      pid: process.pid,
      clock,
      onListenerError(error) {
        throw error
      },
    })
    test.after(async () => {
      await backend.close()
      await rm(dataDir, { recursive: true })
    })
    return {
      one: backend,
      other: backend,
      advance: async (ms) => {
        clock.advance(ms)
      },
    }
  },
}

describeClock('embedded', systemClock)
describeCommandLog('embedded', subject)
describeConversationStore('embedded', subject)
describeFollowers('embedded', subject)
describeGatewayBus('embedded', subject)
describeHeads('embedded', subject)
describeInbox('embedded', subject)
describeMarks('embedded', subject)
describeMembers('embedded', subject)
describeMentions('embedded', subject)
describePresence('embedded', subject)
describeQuotaWindows('embedded', subject)
describeSessionRegistry('embedded', subject)
describeTimeline('embedded', subject)
describeUsers('embedded', subject)
