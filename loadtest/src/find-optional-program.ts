import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The path of a program that nothing of ours needs: the one given, or one of this name on the search path.
 * `undefined` when there is none.
 */
export function findOptionalProgram(
  name: string,
  given: string | undefined,
  searchPath: string | undefined,
): string | undefined {
  if (given !== undefined && given !== '') return isExecutable(given) ? given : undefined
  const candidates = (searchPath ?? '').split(delimiter).filter(Boolean)
  return candidates.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
