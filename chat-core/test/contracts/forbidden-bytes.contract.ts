import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { ForbiddenBytes } from '@satchel/chat-core/ports'
import type { OpenedPort } from './opened-port.ts'

/** What every `ForbiddenBytes` keeps to. */
export function describeForbiddenBytes(
  backend: string,
  open: () => Promise<OpenedPort<ForbiddenBytes>>,
): void {
  describe(`forbidden bytes, ${backend}`, () => {
    let opened: OpenedPort<ForbiddenBytes>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const newHash = () => randomBytes(32).toString('base64url')

    test('what was found once is remembered, with the first finding, over a restart', async () => {
      const content = { sha256: newHash(), finding: 'Eicar-Test', sinceMs: 1_000 }
      assert.equal(await opened.port.read(content.sha256), undefined)
      await opened.port.add(content)
      await opened.port.add({ ...content, finding: 'another name', sinceMs: 2_000 })
      assert.deepEqual(await opened.port.read(content.sha256), content)
      await opened.reopen()
      assert.deepEqual(await opened.port.read(content.sha256), content)
      assert.equal(await opened.port.read(newHash()), undefined)
    })

    test('a wrong finding is taken back, and may be made again', async () => {
      const content = { sha256: newHash(), finding: 'Eicar-Test', sinceMs: 1_000 }
      await opened.port.remove(content.sha256)
      await opened.port.add(content)
      await opened.port.remove(content.sha256)
      assert.equal(await opened.port.read(content.sha256), undefined)
      await opened.port.add({ ...content, sinceMs: 3_000 })
      assert.equal((await opened.port.read(content.sha256))?.sinceMs, 3_000)
    })
  })
}
