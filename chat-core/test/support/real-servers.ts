import { after, test as registerTest, type TestContext } from 'node:test'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { requireServices } from '../../../scripts/services/require-services.mjs'
import { startServices } from '../../../scripts/services/start-services.mjs'
import { openTemporaryFolder } from './temporary-folder.ts'

export type RealServers = Awaited<ReturnType<typeof startServices>>
type ServicesOptions = Parameters<typeof startServices>[0]
type ServiceName = Parameters<typeof requireServices>[1][number]

/** For what is open until all tests of a file are over. */
export const FILE = { after }

/** Servers of the test's own, gone with it; `undefined` after it was skipped for what the machine lacks. */
export async function startRealServers(
  test: TestContext,
  only: readonly ServiceName[],
  options: Pick<ServicesOptions, 'natsServers' | 'commitlogSync'> = {},
): Promise<RealServers | undefined> {
  if (!(await requireServices(test, only))) return undefined
  const folder = await openTemporaryFolder()
  const servers = await startServices({ natsServers: 1, ...options, folder: folder.path, only })
  closeAfter(test, async () => {
    await servers.stop()
    await folder.remove()
  })
  return servers
}

/**
 * Servers for all tests of a file, started before the first and gone after the last; where the machine lacks them
 * a skipped test says so, and there are none.
 */
export async function startServersOfFile(
  only: readonly ServiceName[],
  options: Pick<ServicesOptions, 'isNeverKilled'> = {},
): Promise<RealServers | undefined> {
  const registration = {
    skip(reason: string): void {
      void registerTest(`with ${only.join(', ')}`, { skip: reason })
    },
  }
  if (!(await requireServices(registration, only))) return undefined
  const folder = await openTemporaryFolder()
  const servers = await startServices({ natsServers: 1, ...options, folder: folder.path, only })
  closeAfter(FILE, async () => {
    await servers.stop()
    await folder.remove()
  })
  return servers
}
