// Installs what is missing, the way a server for Node 22 needs it. Runs on any Node from 18 on, before anything is installed.

import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readJson } from './read-json.mjs'

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url))

/** The exact Node version that package.json pins, for example `22.23.3`. */
export const pinnedNodeVersion = readPinnedNodeVersion()

const nodeBinaryPath = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`

/** The pinned Node's executable; it exists once everything is installed. */
export const nodeBinary = join(repositoryRoot, nodeBinaryPath)

/**
 * Makes `node_modules` what package-lock.json says; returns at once when it is. Ends the process when that fails:
 * npm has said why, and there is nothing to go on with.
 */
export function installMissing() {
  const gap = findInstallationGap()
  if (gap === undefined) return
  console.error(`Installing for Node ${pinnedNodeVersion}: ${gap}.`)
  try {
    runNpmCi()
  } catch (error) {
    console.error(`Installing failed: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
  const remainingGap = findInstallationGap()
  if (remainingGap === undefined) return
  console.error(`npm ci ended well, and yet ${remainingGap}.`)
  process.exit(1)
}

/**
 * What keeps `node_modules` from being what package-lock.json asks for on this machine, in words,
 * or `undefined` when nothing does. Reads two files and starts no process, since every start asks.
 */
export function findInstallationGap(root = repositoryRoot) {
  const present = readLockedPackages(join(root, 'node_modules/.package-lock.json'))
  if (present === undefined) return 'nothing is installed yet'
  const wanted = readLockedPackages(join(root, 'package-lock.json')) ?? {}
  for (const [path, { version, link, optional }] of Object.entries(wanted)) {
    if (link || !path.includes('node_modules/')) continue
    const found = present[path]?.version
    if (found === version || (found === undefined && optional)) continue
    return `${path} is ${found ?? 'missing'}, the lock file says ${version}`
  }
  // npm leaves this one out, silently, when npm itself runs on another Node than 22.
  const native = `node_modules/@uwsjs/${process.platform}-${process.arch}-22`
  if (native in wanted && !existsSync(join(root, native))) return `${native} is missing`
  if (!existsSync(join(root, nodeBinaryPath))) return 'the pinned Node is missing'
  return undefined
}

function runNpmCi() {
  execSync('npm ci', {
    cwd: repositoryRoot,
    env: { ...process.env, PATH: [dirname(findNode22()), process.env['PATH']].join(delimiter) },
    // Standard output stays free for what the caller prints, such as a benchmark's JSON.
    stdio: ['ignore', 2, 2],
  })
}

/** A Node 22 outside `node_modules`, which cannot run the command that replaces `node_modules`. */
function findNode22() {
  const isNode22 = process.versions.node.startsWith('22.')
  const isOutside = !process.execPath.startsWith(join(repositoryRoot, 'node_modules') + sep)
  if (isNode22 && isOutside) return process.execPath
  // The package `node` fetches this one in an install script, which npm from 12 on does not run for npx.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const executable = `${prefix}-${process.platform}-${process.arch}@${pinnedNodeVersion}`
  const command = `npx --yes --package=${executable} --call="node --print process.execPath"`
  return execSync(command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }).trim()
}

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readLockedPackages(file) {
  if (!existsSync(file)) return undefined
  const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (readJson(file))
  return lock.packages
}

function readPinnedNodeVersion() {
  const manifest = /** @type {{ dependencies: { node: string } }} */ (
    readJson(join(repositoryRoot, 'package.json'))
  )
  return manifest.dependencies.node
}
