import { builtinModules } from 'node:module'
import { posix, relative, sep } from 'node:path'
import { doors, packageHomes, workspaces, zones } from './import-table.mjs'
import { visitImports } from './visit-imports.mjs'

/**
 * The ESLint rule `satchel/import-table`: reports imports that the table does not allow.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const importRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/')
    const zoneName = zoneOf(file)
    if (zoneName === undefined || isTest(file)) return {}

    return visitImports((node, specifier, isType) => {
      const problem = findProblem(file, zoneName, specifier, isType)
      if (problem !== undefined) context.report({ node, message: problem })
    })
  },
}

/**
 * @param {string} file
 * @param {string} zoneName
 * @param {string} specifier
 * @param {boolean} isType
 */
function findProblem(file, zoneName, specifier, isType) {
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return zones[zoneName]?.node === false
      ? `${zoneName} runs everywhere and imports no Node module (${specifier}).`
      : undefined
  }
  const target = specifier.startsWith('.')
    ? posix.join(posix.dirname(file), specifier)
    : doors[specifier]
  if (target !== undefined) return findZoneProblem(file, zoneName, target, specifier, isType)
  if (specifier.startsWith('@satchel/')) return `${specifier} is not a public door.`
  return findPackageProblem(zoneName, specifier)
}

/**
 * @param {string} file
 * @param {string} zoneName
 * @param {string} target
 * @param {string} specifier
 * @param {boolean} isType
 */
function findZoneProblem(file, zoneName, target, specifier, isType) {
  const home = workspaceOf(target)
  if (specifier.startsWith('.') && home !== undefined && workspaceOf(file) !== home) {
    return `${specifier} reaches into another workspace; import one of its doors by name.`
  }
  const targetZone = zoneOf(target)
  if (targetZone === undefined || targetZone === zoneName) return undefined
  const { zones: allowed = [], types = [] } = zones[zoneName] ?? {}
  if (allowed.includes(targetZone) || (isType && types.includes(targetZone))) return undefined
  const onlyTypes = types.includes(targetZone) ? ' (types it may)' : ''
  return `${zoneName} may not import ${targetZone}${onlyTypes}: see scripts/lint/import-table.mjs.`
}

/**
 * @param {string} zoneName
 * @param {string} specifier
 */
function findPackageProblem(zoneName, specifier) {
  const only = zones[zoneName]?.onlyPackages
  if (only !== undefined) {
    return only.some((name) => isOfPackage(specifier, name))
      ? undefined
      : `${zoneName} may not import the package ${specifier}.`
  }
  const [name, homes] =
    Object.entries(packageHomes).find(([name]) => isOfPackage(specifier, name)) ?? []
  if (homes === undefined || homes.includes(zoneName)) return undefined
  return `${name} is imported only in ${homes.join(', ')}, not in ${zoneName}.`
}

/**
 * @param {string} specifier
 * @param {string} name a package, or a scope ending in `/`
 */
function isOfPackage(specifier, name) {
  if (name.endsWith('/')) return specifier.startsWith(name)
  return specifier === name || specifier.startsWith(`${name}/`)
}

/** @param {string} file */
function zoneOf(file) {
  let longest = ''
  let found
  for (const [name, { folder }] of Object.entries(zones)) {
    if (file.startsWith(folder) && folder.length > longest.length) [longest, found] = [folder, name]
  }
  return found
}

/** @param {string} file */
function workspaceOf(file) {
  return workspaces.find((workspace) => file.startsWith(workspace))
}

/** @param {string} file */
function isTest(file) {
  return file.includes('/test/')
}
