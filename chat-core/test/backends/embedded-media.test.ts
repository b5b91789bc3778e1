import { openEmbeddedAttachmentCatalogue } from '../../src/adapters/embedded/attachment-catalogue.ts'
import { openEmbeddedBlobCatalogue } from '../../src/adapters/embedded/blob-catalogue.ts'
import { openEmbeddedCatalogueWalk } from '../../src/adapters/embedded/catalogue-walk.ts'
import {
  openEmbeddedStore,
  type EmbeddedStore,
} from '../../src/adapters/embedded/embedded-store.ts'
import { openEmbeddedErasures } from '../../src/adapters/embedded/erasures.ts'
import { openEmbeddedForbiddenBytes } from '../../src/adapters/embedded/forbidden-bytes.ts'
import { openEmbeddedJobQueue } from '../../src/adapters/embedded/job-queue.ts'
import { openObjectFolder } from '../../src/adapters/embedded/object-folder.ts'
import { openEmbeddedObjectStore } from '../../src/adapters/embedded/object-store.ts'
import { openEmbeddedUploadTarget } from '../../src/adapters/embedded/upload-target.ts'
import { UrlSigner } from '../../src/runtime/url-signer.ts'
import { describeAttachmentCatalogue } from '../contracts/attachment-catalogue.contract.ts'
import { describeBlobCatalogue } from '../contracts/blob-catalogue.contract.ts'
import { describeCatalogueWalk } from '../contracts/catalogue-walk.contract.ts'
import { describeErasures } from '../contracts/erasures.contract.ts'
import { describeForbiddenBytes } from '../contracts/forbidden-bytes.contract.ts'
import { describeJobQueue } from '../contracts/job-queue.contract.ts'
import { describeObjectStore } from '../contracts/object-store.contract.ts'
import type { OpenedPort } from '../contracts/opened-port.ts'
import { describeUploadTarget } from '../contracts/upload-target.contract.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { putPart } from '../support/put-part.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const signer = new UrlSigner(new Uint8Array(32))

async function openOverStore<Port>(
  openPort: (store: EmbeddedStore) => Port,
): Promise<OpenedPort<Port>> {
  const folder = await openTemporaryFolder()
  const open = () => openEmbeddedStore({ dataDir: folder.path, pid: 1 })
  let store = await open()
  let port = openPort(store)
  return {
    get port() {
      return port
    },
    async reopen() {
      await store.close()
      store = await open()
      port = openPort(store)
    },
    async close() {
      await store.close()
      await folder.remove()
    },
  }
}

async function openOverFolder<Port>(
  openPort: (dataDir: string) => Promise<Port>,
): Promise<OpenedPort<Port>> {
  const folder = await openTemporaryFolder()
  let port = await openPort(folder.path)
  return {
    get port() {
      return port
    },
    async reopen() {
      port = await openPort(folder.path)
    },
    close: () => folder.remove(),
  }
}

describeAttachmentCatalogue('embedded', () => openOverStore(openEmbeddedAttachmentCatalogue))
describeBlobCatalogue('embedded', () => openOverStore(openEmbeddedBlobCatalogue))
describeCatalogueWalk('embedded', () =>
  openOverStore((store) => ({
    attachments: openEmbeddedAttachmentCatalogue(store),
    blobs: openEmbeddedBlobCatalogue(store),
    walk: openEmbeddedCatalogueWalk(store),
  })),
)
describeErasures('embedded', () => openOverStore(openEmbeddedErasures))
describeForbiddenBytes('embedded', () => openOverStore(openEmbeddedForbiddenBytes))
describeJobQueue('embedded', async () => {
  const clock = new ManualClock()
  const opened = await openOverStore((store) => openEmbeddedJobQueue({ store, clock, pollMs: 5 }))
  return {
    get port() {
      return opened.port
    },
    reopen: () => opened.reopen(),
    close: () => opened.close(),
    delayMs: 60_000,
    advance: (byMs) => clock.advance(byMs),
    elapsedMs: () => clock.nowMs(),
  }
})
describeObjectStore('embedded', () =>
  openOverFolder(async (dataDir) => openEmbeddedObjectStore(await openObjectFolder(dataDir))),
)
describeUploadTarget('embedded', async () => {
  const clock = new ManualClock()
  const opened = await openOverFolder(async (dataDir) => {
    const folder = await openObjectFolder(dataDir)
    return {
      objects: openEmbeddedObjectStore(folder),
      target: openEmbeddedUploadTarget({ folder, signer, clock }),
    }
  })
  return {
    get port() {
      return opened.port.target
    },
    get objects() {
      return opened.port.objects
    },
    reopen: () => opened.reopen(),
    close: () => opened.close(),
    put: (url, bytes) => putPart(opened.port.target, url, bytes, clock.nowMs()),
    nowMs: () => clock.nowMs(),
  }
})
