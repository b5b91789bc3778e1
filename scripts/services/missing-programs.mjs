import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findJava, findNginxJsModule, findOnPath, hasGo } from './installed-programs.mjs'
import { builtNames } from './obtain-programs.mjs'
import { withNeededServices } from './service-names.mjs'

/** @typedef {import('./service-names.mjs').ServiceName} ServiceName */
/** @typedef {{ readonly what: string, readonly packages: readonly string[] }} MissingProgram */

// What nats-server asks for; versitygw is content with 1.25.
const GO_MINOR = 26

/**
 * What this machine lacks to run these services, each with the Debian packages that bring it (none: not from Debian).
 *
 * @param {readonly ServiceName[]} names
 * @param {string} binFolder
 * @returns {Promise<readonly MissingProgram[]>}
 */
export async function findMissingPrograms(names, binFolder) {
  const services = withNeededServices(names)
  /** @param {keyof typeof builtNames} name */
  const isBuilt = (name) => existsSync(join(binFolder, builtNames[name]))
  const needsGo =
    (services.includes('nats') && !isBuilt('natsServer')) ||
    (services.includes('s3') && !isBuilt('versitygw'))
  const needsCassandra = services.includes('cassandra')
  /** @type {MissingProgram[]} */
  const missing = []
  /**
   * @param {boolean} isNeeded
   * @param {boolean | Promise<boolean>} isThere
   * @param {string} what
   * @param {...string} packages
   */
  const check = async (isNeeded, isThere, what, ...packages) => {
    if (isNeeded && !(await isThere)) missing.push({ what, packages })
  }
  const isThere = (/** @type {string} */ name) => findOnPath(name) !== undefined
  const java = needsCassandra ? findJava() : Promise.resolve(undefined)
  const hasJava = java.then((path) => path !== undefined)
  await check(true, isThere('flock') && isThere('setpriv'), 'flock and setpriv', 'util-linux')
  const go = `Go 1.${GO_MINOR} or later, to build NATS and the S3 gateway (go.dev/dl; Debian 12's is too old)`
  await check(needsGo, needsGo && hasGo(GO_MINOR), go)
  await check(needsCassandra, hasJava, 'Java 17 or 11', 'openjdk-17-jre-headless')
  const needsMaven = needsCassandra && !isBuilt('cassandra')
  await check(needsMaven, isThere('mvn'), 'mvn, to fetch Cassandra', 'maven')
  await check(services.includes('redis'), isThere('redis-server'), 'redis-server', 'redis-server')
  const hasNginx = isThere('nginx') && findNginxJsModule() !== undefined
  const nginx = 'nginx with its JavaScript module'
  await check(services.includes('edge'), hasNginx, nginx, 'nginx-light', 'libnginx-mod-http-js')
  return missing
}

/**
 * Everything that is missing in one message.
 *
 * @param {readonly MissingProgram[]} missing
 */
export function describeMissing(missing) {
  const lines = missing.map(({ what }) => `  - ${what}`)
  const packages = missing.flatMap((one) => one.packages)
  const install = `apt-get install --no-install-recommends ${packages.join(' ')}`
  return [
    'The services need what this machine does not have:',
    ...lines,
    ...(packages.length === 0 ? [] : ['On Debian, as root:', `  ${install}`]),
  ].join('\n')
}
