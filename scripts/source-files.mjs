import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const sourceFolders = ['protocol', 'chat-core', 'gateway', 'media-worker', 'loadtest', 'scripts']
const skippedFolders = new Set(['node_modules', 'dist', 'fixtures'])

/**
 * Every TypeScript and `.mjs` file of the repository, tests included, sorted, as absolute paths.
 *
 * @param {string} root
 */
export function findSourceFiles(root) {
  return sourceFolders
    .flatMap((folder) => [...walk(join(root, folder))])
    .filter((file) => /\.(tsx?|mjs)$/.test(file))
    .sort()
}

/**
 * Every `test/**\/*.test.ts`; with filters, only those whose path from the root contains one of them.
 *
 * @param {string} root
 * @param {readonly string[]} filters
 */
export function findTestFiles(root, filters) {
  return findSourceFiles(root).filter((file) => {
    const path = relative(root, file).split(sep).join('/')
    const isTest = path.endsWith('.test.ts') && path.includes('/test/')
    return isTest && (filters.length === 0 || filters.some((filter) => path.includes(filter)))
  })
}

/**
 * @param {string} folder
 * @returns {Generator<string>}
 */
function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isFile()) yield path
    else if (entry.isDirectory() && !skippedFolders.has(entry.name)) yield* walk(path)
  }
}
