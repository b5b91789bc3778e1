import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { requestS3 } from './s3-request.mjs'

/** Of the local store only, which listens on loopback: nothing is protected by these. */
export const LOCAL_S3 = Object.freeze({
  region: 'us-east-1',
  accessKey: 'satchel',
  secretKey: 'satchel-on-loopback',
})

/**
 * Versity's S3 gateway on a folder; a folder in it is a bucket.
 *
 * @param {{ folder: string, port: number, program: string }} options
 * @returns {import('./server.mjs').ServerPlan}
 */
export function planS3Server({ folder, port, program }) {
  const dataFolder = join(folder, 'data', 's3')
  const buckets = join(dataFolder, 'buckets')
  const address = `http://127.0.0.1:${port}`
  return {
    name: 's3',
    address,
    ports: [port],
    program,
    arguments: [
      ...['--port', `127.0.0.1:${port}`, '--region', LOCAL_S3.region],
      ...['--keep-alive', '--quiet', 'posix', buckets],
    ],
    environment: { ROOT_ACCESS_KEY: LOCAL_S3.accessKey, ROOT_SECRET_KEY: LOCAL_S3.secretKey },
    dataFolder,
    prepare: async () => {
      await mkdir(buckets, { recursive: true })
    },
    probe: async () => {
      const response = await requestS3({ endpoint: address, ...LOCAL_S3 }, 'GET', '/')
      const body = await response.text()
      if (!response.ok) throw new Error(`S3 answered ${response.status} ${body.slice(0, 200)}`)
      // The program does not say which version it is; the file we built says.
      return basename(program).replace('versitygw-', '')
    },
    startTimeoutMs: 30_000,
  }
}
