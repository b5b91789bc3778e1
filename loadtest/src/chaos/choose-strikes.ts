import type { StrikeChoice } from './strike-schedule.ts'

/** What may be done to whom, by name. */
export type StrikeTable = Readonly<Record<string, readonly StrikeChoice[]>>

/** The strikes of each of these names, of all when there are none. Throws for a name that is not in the table. */
export function chooseStrikes(
  table: StrikeTable,
  names: readonly string[],
): readonly (readonly StrikeChoice[])[] {
  const wanted = names.length === 0 ? Object.keys(table) : names
  return wanted.map((name) => {
    const choices = table[name]
    if (choices === undefined)
      throw new Error(`${name} is none of ${Object.keys(table).join(', ')}`)
    return choices
  })
}
