import assert from 'node:assert/strict'
import { join } from 'node:path'
import { deriveSecret } from '../../../chat-core/src/links/derive-secret.ts'
import { SatchelLinks } from '../../../chat-core/src/links/satchel-links.ts'
import { openTemporaryFolder } from '../../../chat-core/test/support/temporary-folder.ts'
import { planEdgeServer } from '../../services/edge-server.mjs'
import { obtainNginx } from '../../services/obtain-programs.mjs'
import { requestS3 } from '../../services/s3-request.mjs'
import { Server } from '../../services/server.mjs'
import { findFreePorts } from '../../services/service-ports.mjs'
import { startServices } from '../../services/start-services.mjs'
import { openCountingStore } from './counting-store.ts'

export type EdgeStage = Awaited<ReturnType<typeof openEdgeStage>>

const BUCKET = 'media'
const LINK_SECRET = 'a secret of the tests, long enough to be one'
const WINDOW_MS = 3_600_000

/** Two edges before one real store, each read of which is seen. */
export async function openEdgeStage() {
  const folder = await openTemporaryFolder()
  const services = await startServices({ folder: folder.path, only: ['s3'] })
  const { s3 } = services.addresses
  assert.ok(s3)
  await requestS3(s3, 'PUT', `/${BUCKET}`)
  const store = await openCountingStore(s3.endpoint)
  const edges = [await startEdge('one'), await startEdge('two')] as const
  const secret = deriveSecret(LINK_SECRET, 'media links')

  async function startEdge(name: string): Promise<Server> {
    const plan = planEdgeServer({
      folder: join(folder.path, name),
      port: (await findFreePorts()).edge,
      storeAddress: store.address,
      bucket: BUCKET,
      linkSecret: LINK_SECRET,
      nginx: await obtainNginx(),
    })
    const server = new Server(plan, { folder: join(folder.path, name), tied: true })
    await server.start()
    return server
  }

  return {
    store,
    edges,
    links: new SatchelLinks({ secret, windowMs: WINDOW_MS }),
    windowMs: WINDOW_MS,
    async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      assert.equal((await requestS3(s3, 'PUT', `/${BUCKET}/${key}`, bytes)).status, 200)
    },
    async remove(key: string): Promise<void> {
      assert.equal((await requestS3(s3, 'DELETE', `/${BUCKET}/${key}`)).status, 204)
    },
    async close(): Promise<void> {
      await Promise.all(edges.map((edge) => edge.stop()))
      await store.close()
      await services.stop()
      await folder.remove()
    },
  }
}
