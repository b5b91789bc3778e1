import { readFileSync } from 'node:fs'
import { SETTINGS } from './settings.ts'
import type { Settings } from './settings.ts'
import type { Setting } from './setting.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What is wrong with the settings: all of it at once, each problem with its variable's name. */
export class SettingsError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'SettingsError'
    this.problems = problems
  }
}

/**
 * Reads every setting from a record of environment variables, or from the file that its `…_FILE`
 * names. Throws `SettingsError`, also for variables that start with `SATCHEL_` and are unknown.
 */
export function readSettings(
  environment: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  const known = new Set<string>()
  const settings: [string, Setting<unknown>][] = Object.entries(SETTINGS)
  for (const [name, setting] of settings) {
    known.add(setting.variable).add(`${setting.variable}_FILE`)
    try {
      const text = readText(environment, setting.variable, readFile)
      values[name] = text === undefined ? setting.fallback : setting.parse(text)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
      problems[problems.length - 1] = `${setting.variable}: ${problems.at(-1) ?? ''}`
    }
  }
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith('SATCHEL_') && !known.has(variable))
      problems.push(`${variable}: there is no such setting`)
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return Object.freeze(values) as Settings
}

/** The text of a setting; `undefined` when it is absent or empty. */
function readText(
  environment: Environment,
  variable: string,
  readFile: (path: string) => string,
): string | undefined {
  const direct = present(environment[variable])
  const file = present(environment[`${variable}_FILE`])
  if (file === undefined) return direct
  if (direct !== undefined) throw new Error(`is set, and so is ${variable}_FILE; one must go`)
  try {
    return readFile(file).trimEnd()
  } catch (error) {
    throw new Error(`cannot read ${file}`, { cause: error })
  }
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
