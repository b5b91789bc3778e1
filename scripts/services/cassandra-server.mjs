import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { requestCql } from './cql-request.mjs'

const templates = fileURLToPath(new URL('cassandra/', import.meta.url))
// Mostly the Java machine warming up; on a busy machine that takes long.
const START_TIMEOUT_MS = 180_000
const HEAP = '512m'

// What Cassandra's own start script opens of Java 11 and 17.
const opened = [
  ...['java.lang.module', 'jdk.internal.loader', 'jdk.internal.ref', 'jdk.internal.reflect'],
  ...['jdk.internal.math', 'jdk.internal.module', 'jdk.internal.util.jar', 'sun.nio.ch'],
  ...['java.io', 'java.lang.reflect', 'java.lang', 'java.util'],
].map((name) => `java.base/${name}`)
const exported = [
  ...['java.base/jdk.internal.misc', 'java.base/java.lang.ref', 'java.sql/java.sql'],
  ...['java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.rmi/sun.rmi.registry'],
  ...['java.rmi/sun.rmi.server', 'jdk.unsupported/sun.misc', 'jdk.attach/sun.tools.attach'],
  'jdk.compiler/com.sun.tools.javac.file',
]

/** @typedef {'batch' | 'periodic'} CommitlogSync */

/**
 * One Cassandra node with a heap of 512 MB.
 *
 * @param {object} options
 * @param {string} options.folder
 * @param {number} options.port
 * @param {number} options.storagePort
 * @param {string} options.java
 * @param {string} options.home holds `lib/`
 * @param {CommitlogSync | undefined} options.commitlogSync
 * @param {boolean | undefined} options.isNeverKilled
 * @returns {import('./server.mjs').ServerPlan}
 */
export function planCassandraServer(options) {
  const { folder, port, storagePort, java, home } = options
  const { commitlogSync = 'batch', isNeverKilled = false } = options
  const dataFolder = join(folder, 'data', 'cassandra')
  const configuration = join(folder, 'conf', 'cassandra')
  const address = `127.0.0.1:${port}`
  return {
    name: 'cassandra',
    address,
    ports: [port, storagePort],
    program: java,
    arguments: javaArguments({ home, configuration, dataFolder, isNeverKilled }),
    dataFolder,
    prepare: async () => {
      await mkdir(configuration, { recursive: true })
      const yaml = await readFile(join(templates, 'cassandra.yaml'), 'utf8')
      const filled = yaml
        .replaceAll('${CQL_PORT}', String(port))
        .replaceAll('${STORAGE_PORT}', String(storagePort))
        // Its period is required with one mode and refused with the other.
        .replaceAll('${COMMITLOG_SYNC}', commitlogSyncLines[commitlogSync])
      await writeFile(join(configuration, 'cassandra.yaml'), filled)
      await copyFile(join(templates, 'logback.xml'), join(configuration, 'logback.xml'))
    },
    probe: async () => {
      const [row] = await requestCql(address, 'SELECT release_version FROM system.local')
      return row?.[0] ?? 'unknown'
    },
    startTimeoutMs: START_TIMEOUT_MS,
  }
}

/** @type {Readonly<Record<CommitlogSync, string>>} */
const commitlogSyncLines = {
  batch: 'batch',
  periodic: 'periodic\ncommitlog_sync_period: 10s',
}

/** @param {{ home: string, configuration: string, dataFolder: string, isNeverKilled: boolean }} options */
function javaArguments({ home, configuration, dataFolder, isNeverKilled }) {
  const lib = join(home, 'lib')
  const agent = readdirSync(lib).find((name) => /^jamm-.*\.jar$/.test(name)) ?? ''
  const properties = {
    'jdk.attach.allowAttachSelf': 'true',
    'io.netty.tryReflectionSetAccessible': 'true',
    'cassandra.config': pathToFileURL(join(configuration, 'cassandra.yaml')).href,
    'logback.configurationFile': pathToFileURL(join(configuration, 'logback.xml')).href,
    'cassandra.storagedir': dataFolder,
    'cassandra-foreground': 'yes',
    // It is alone: there is nobody to wait for.
    'cassandra.skip_wait_for_gossip_to_settle': '0',
    'cassandra.load_ring_state': 'false',
    'cassandra.ring_delay_ms': '1',
    'cassandra.superuser_setup_delay_ms': '0',
    // Each new table flushes a dozen others, a third of a second: without, killed, it forgets those it has made.
    ...(isNeverKilled && { 'cassandra.test.flush_local_schema_changes': 'false' }),
  }
  return [
    `-javaagent:${join(lib, agent)}`,
    ...[`-Xms${HEAP}`, `-Xmx${HEAP}`, '-XX:+UseSerialGC', '-Xshare:auto'],
    ...open('--add-opens', opened),
    ...open('--add-opens', ['jdk.management/com.sun.management.internal']),
    ...open('--add-opens', ['jdk.compiler/com.sun.tools.javac']),
    ...open('--add-exports', exported),
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    ...['-cp', join(lib, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
  ]
}

/**
 * @param {'--add-opens' | '--add-exports'} option
 * @param {readonly string[]} packages
 */
function open(option, packages) {
  return packages.flatMap((name) => [option, `${name}=ALL-UNNAMED`])
}
