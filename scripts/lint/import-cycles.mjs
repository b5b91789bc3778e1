import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import ts from 'typescript'

/**
 * Groups of files that import each other in a circle, `import type` included: a circle of types is as hard to read.
 * Follows relative imports only; between workspaces the import table leaves no way round.
 *
 * @param {readonly string[]} files absolute paths
 * @returns {string[][]} each cycle as the files along it
 */
export function findImportCycles(files) {
  const known = new Set(files)
  /** @type {Map<string, 'open' | 'done'>} */
  const states = new Map()
  /** @type {string[]} */
  const trail = []
  /** @type {string[][]} */
  const cycles = []

  /** @param {string} file */
  const visit = (file) => {
    if (states.get(file) === 'open') cycles.push(trail.slice(trail.indexOf(file)))
    if (states.has(file)) return
    states.set(file, 'open')
    trail.push(file)
    for (const target of readRelativeImports(file)) if (known.has(target)) visit(target)
    trail.pop()
    states.set(file, 'done')
  }
  for (const file of files) visit(file)
  return cycles
}

/** @param {string} file */
function readRelativeImports(file) {
  return ts
    .preProcessFile(readFileSync(file, 'utf8'), true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => resolve(dirname(file), specifier))
}
