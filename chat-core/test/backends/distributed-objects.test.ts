import { openS3ObjectStore } from '../../src/adapters/s3/object-store.ts'
import { openS3UploadTarget } from '../../src/adapters/s3/upload-target.ts'
import { describeObjectStore } from '../contracts/object-store.contract.ts'
import { describeUploadTarget } from '../contracts/upload-target.contract.ts'
import { startServersOfFile, type RealServers } from '../support/real-servers.ts'
import { bucketOptions, openTestBucket, putToStore } from '../support/s3-bucket.ts'
import { inTurns } from '../support/in-turns.ts'

const servers = await startServersOfFile(['s3'])
if (servers !== undefined) describeWith(servers)

// Every call goes to the other of two processes than the call before.
function describeWith(running: RealServers): void {
  const openBucket = () => openTestBucket(bucketOptions(running))
  const restartStore = async () => {
    await running.server('s3').kill()
    await running.server('s3').start()
  }

  describeObjectStore('s3', async () => {
    const bucket = await openBucket()
    const next = inTurns(openS3ObjectStore(bucket.one), openS3ObjectStore(bucket.other))
    return {
      get port() {
        return next()
      },
      reopen: restartStore,
      close: async () => bucket.close(),
    }
  })

  describeUploadTarget('s3', async () => {
    const bucket = await openBucket()
    const next = inTurns(openS3UploadTarget(bucket.one), openS3UploadTarget(bucket.other))
    return {
      get port() {
        return next()
      },
      objects: openS3ObjectStore(bucket.one),
      put: ({ url }, bytes) => putToStore(url, Uint8Array.from(bytes)),
      // The store tells times in whole seconds.
      nowMs: () => Date.now() + 1_000,
      reopen: restartStore,
      close: async () => bucket.close(),
    }
  })
}
