import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LOCAL_S3 } from './s3-server.mjs'

const sources = fileURLToPath(new URL('../../deploy/edge/', import.meta.url))
const SITE = 'media-only.conf'

/** @typedef {{ path: string, jsModule: string, version: string }} Nginx */

/**
 * nginx in front of the store, as `deploy/edge` has it.
 *
 * @param {object} options
 * @param {string} options.folder
 * @param {number} options.port
 * @param {string} options.storeAddress
 * @param {string} options.bucket
 * @param {string} options.linkSecret
 * @param {Nginx} options.nginx
 * @returns {import('./server.mjs').ServerPlan}
 */
export function planEdgeServer({ folder, port, storeAddress, bucket, linkSecret, nginx }) {
  const dataFolder = join(folder, 'data', 'edge')
  const configurations = join(folder, 'conf', 'edge')
  const address = `http://127.0.0.1:${port}`
  return {
    name: 'edge',
    address,
    ports: [port],
    program: nginx.path,
    // One process: who is killed or paused is then the whole edge.
    arguments: [
      ...['-p', dataFolder, '-c', join(configurations, 'nginx.conf'), '-e', 'stderr'],
      ...['-g', 'daemon off; master_process off;'],
    ],
    environment: {
      SATCHEL_LINK_SECRET: linkSecret,
      SATCHEL_S3_BUCKET: bucket,
      SATCHEL_S3_REGION: LOCAL_S3.region,
      SATCHEL_S3_ACCESS_KEY: LOCAL_S3.accessKey,
      SATCHEL_S3_SECRET_KEY: LOCAL_S3.secretKey,
    },
    dataFolder,
    prepare: async () => {
      const values = {
        JS_MODULE: nginx.jsModule,
        EDGE_CACHE: join(dataFolder, 'cache'),
        EDGE_CACHE_MAX: '1g',
        EDGE_CACHE_UNUSED: '3d',
        EDGE_CODE: sources,
        EDGE_CONDEMNED_SECONDS: '1',
        EDGE_LISTEN: `127.0.0.1:${port}`,
        EDGE_RUN: dataFolder,
        EDGE_SITE: SITE,
        STORE_ADDRESS: new URL(storeAddress).host,
      }
      await mkdir(configurations, { recursive: true })
      for (const name of ['nginx.conf', 'media.conf', SITE]) {
        const template = await readFile(join(sources, `${name}.template`), 'utf8')
        await writeFile(join(configurations, name), fillTemplate(template, values))
      }
    },
    probe: async () => {
      const response = await fetch(`${address}/live`, { signal: AbortSignal.timeout(3_000) })
      if (!response.ok) throw new Error(`nginx answered ${response.status}`)
      return nginx.version
    },
    startTimeoutMs: 30_000,
  }
}

/**
 * @param {string} template
 * @param {Readonly<Record<string, string>>} values
 */
function fillTemplate(template, values) {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (placeholder, name) => {
    const value = values[String(name)]
    if (value === undefined) throw new Error(`nothing is known to put for ${placeholder}`)
    return value
  })
}
