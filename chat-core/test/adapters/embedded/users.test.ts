import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openEmbeddedBackend } from '../../../src/backends/embedded.ts'
import { newPerson } from '../../support/people.ts'

test('the backend’s data outlives what the user writes at the same instant', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-users-'))
  const backend = await openEmbeddedBackend({
    dataDir,
    pid: process.pid,
    onListenerError(error) {
      throw error
    },
  })
  context.after(async () => {
    await backend.close()
    await rm(dataDir, { recursive: true })
  })
  const { users } = backend
  const id = newPerson('bob')
  await users.write({ id, data: { team: 6 } })
  const data = { team: 7 }
  await Promise.all([users.write({ id, data }), users.writeOwn({ id, name: 'Robert' })])
  assert.deepEqual(await users.read([id]), [{ id, name: 'Robert', data }])
})
