import { openCassandraAttachmentCatalogue } from '../../src/adapters/cassandra/attachment-catalogue.ts'
import { openCassandraBlobCatalogue } from '../../src/adapters/cassandra/blob-catalogue.ts'
import type { CassandraClient } from '../../src/adapters/cassandra/cassandra-client.ts'
import { openCassandraCatalogueWalk } from '../../src/adapters/cassandra/catalogue-walk.ts'
import { openCassandraErasures } from '../../src/adapters/cassandra/erasures.ts'
import { openCassandraForbiddenBytes } from '../../src/adapters/cassandra/forbidden-bytes.ts'
import { createSystemClock } from '../../src/runtime/system-clock.ts'
import { describeAttachmentCatalogue } from '../contracts/attachment-catalogue.contract.ts'
import { describeBlobCatalogue } from '../contracts/blob-catalogue.contract.ts'
import { describeCatalogueWalk } from '../contracts/catalogue-walk.contract.ts'
import { describeErasures } from '../contracts/erasures.contract.ts'
import { describeForbiddenBytes } from '../contracts/forbidden-bytes.contract.ts'
import type { OpenedPort } from '../contracts/opened-port.ts'
import { inTurns } from '../support/in-turns.ts'
import { openTestClient, openProvisionedClient } from '../support/real-cassandra.ts'
import { startServersOfFile, type RealServers } from '../support/real-servers.ts'

const servers = await startServersOfFile(['cassandra'], { isNeverKilled: true })
if (servers !== undefined) describeWith(servers)

function describeWith(running: RealServers): void {
  const clock = createSystemClock()

  /** Every call goes to the other of two processes than the call before; both start anew. */
  async function openTwice<Port>(
    openPort: (client: CassandraClient) => Port,
  ): Promise<OpenedPort<Port>> {
    const closers: (() => Promise<void>)[] = []
    const test = { after: (close: () => Promise<void>) => void closers.push(close) }
    const first = await openProvisionedClient(test, running)
    const open = async () => openPort(await openTestClient(test, running, first.keyspace))
    let next = inTurns(openPort(first), await open())
    return {
      get port() {
        return next()
      },
      async reopen() {
        next = inTurns(await open(), await open())
      },
      async close() {
        for (const close of closers) await close()
      },
    }
  }

  describeAttachmentCatalogue('cassandra', () =>
    openTwice((client) => openCassandraAttachmentCatalogue({ client, clock })),
  )
  describeBlobCatalogue('cassandra', () =>
    openTwice((client) => openCassandraBlobCatalogue({ client, clock })),
  )
  describeCatalogueWalk('cassandra', () =>
    openTwice((client) => ({
      attachments: openCassandraAttachmentCatalogue({ client, clock }),
      blobs: openCassandraBlobCatalogue({ client, clock }),
      walk: openCassandraCatalogueWalk(client),
    })),
  )
  describeErasures('cassandra', () => openTwice(openCassandraErasures))
  describeForbiddenBytes('cassandra', () => openTwice(openCassandraForbiddenBytes))
}
