import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

// Administrators' programs, such as nginx, and Go are often not on a user's path.
const furtherFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin']
const nginxModuleFolders = ['/usr/lib/nginx/modules', '/usr/share/nginx/modules']
const javaHomes = '/usr/lib/jvm'
// Those that Cassandra 5.0 runs on.
const javaVersions = [17, 11]

/**
 * A program's full path, or `undefined`.
 *
 * @param {string} name
 */
export function findOnPath(name) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...furtherFolders].map((folder) => join(folder, name)).find(isExecutable)
}

/** nginx's JavaScript module. */
export function findNginxJsModule() {
  return nginxModuleFolders
    .map((folder) => join(folder, 'ngx_http_js_module.so'))
    .find((file) => existsSync(file))
}

/** A Java that Cassandra runs on: that of JAVA_HOME, the one on the path, or one that Debian keeps beside it. */
export async function findJava() {
  const home = process.env['JAVA_HOME']
  const installed = existsSync(javaHomes) ? readdirSync(javaHomes) : []
  const candidates = [
    ...(home === undefined ? [] : [join(home, 'bin/java')]),
    findOnPath('java') ?? '',
    ...installed.map((name) => join(javaHomes, name, 'bin/java')),
  ].filter(isExecutable)
  for (const candidate of candidates) {
    const { stderr } = await promisify(execFile)(candidate, ['-version'])
    const [, major] = /version "(\d+)/.exec(stderr) ?? []
    if (javaVersions.includes(Number(major))) return candidate
  }
  return undefined
}

/**
 * Whether the installed Go can build something that asks for this version.
 *
 * @param {number} minor of Go 1
 */
export async function hasGo(minor) {
  const go = findOnPath('go')
  if (go === undefined) return false
  const { stdout } = await promisify(execFile)(go, ['version'])
  const [, installed] = /go1\.(\d+)/.exec(stdout) ?? []
  return Number(installed) >= minor
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
