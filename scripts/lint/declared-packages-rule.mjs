import { builtinModules } from 'node:module'
import { join, relative, sep } from 'node:path'
import { readJson } from '../read-json.mjs'
import { workspaces } from './import-table.mjs'
import { visitImports } from './visit-imports.mjs'

/**
 * The ESLint rule `satchel/declared-packages`: a workspace's package.json names what its files import, and for
 * tests the root's may. What is only there because another package needs it may be gone with that one's next version.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const declaredPackagesRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/')
    const workspace = workspaces.find((folder) => file.startsWith(folder)) ?? ''
    const folders = file.includes('/test/') ? [workspace, ''] : [workspace]
    return visitImports((node, specifier) => {
      if (/^[./]|^node:/.test(specifier) || builtinModules.includes(specifier)) return
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
      const manifests = folders.map((folder) => join(context.cwd, folder, 'package.json'))
      const declared = manifests.map((manifest) => readDeclaredPackages(manifest))
      // What runs a file may bring modules of its own, as k6 does; then their types alone are a package.
      const names = [name, `@types/${name}`]
      if (declared.some((packages) => names.some((one) => packages.has(one)))) return
      context.report({ node, message: `${name} is not in ${workspace}package.json.` })
    })
  },
}

/**
 * @typedef {Record<string, string>} Versions
 * @typedef {{ name: string, dependencies?: Versions, devDependencies?: Versions }} Manifest
 * @param {string} file
 * @returns {ReadonlySet<string>}
 */
function readDeclaredPackages(file) {
  const manifest = /** @type {Manifest} */ (readJson(file))
  const { name, dependencies, devDependencies } = manifest
  return new Set([name, ...Object.keys({ ...dependencies, ...devDependencies })])
}
