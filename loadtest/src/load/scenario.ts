import type { LoadTarget } from './load-target.ts'

/** What a scenario is run with. */
export interface LoadRun {
  readonly target: LoadTarget
  /** People with a socket each. */
  readonly users: number
  /** Of the generator, at least. */
  readonly processes: number
  /** Of whatever the scenario does most. */
  readonly perSecond: number
  readonly seconds: number
  /** Warm-up and settling are cut short: for tests, not for figures. */
  readonly isShort: boolean
  /** Progress, for people. */
  readonly tell: (line: string) => void
}

/** One line of what was measured. Units are in the names. */
export interface LoadRow {
  readonly what: string
  readonly values: Readonly<Record<string, number | string>>
}

export interface Scenario {
  /** One line, for people. */
  readonly what: string
  readonly defaults: Pick<LoadRun, 'users' | 'processes' | 'perSecond' | 'seconds'>
  run(run: LoadRun): Promise<readonly LoadRow[]>
}
