import type { TestContext } from 'node:test'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'

/** The path of a folder of the test's own, gone with it. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await openTemporaryFolder()
  context.after(() => folder.remove())
  return folder.path
}
