/** One thing an operator can set: a variable, how its text is read, and what holds without it. */
export interface Setting<Value> {
  readonly variable: `SATCHEL_${string}`
  /** What it does, as OPERATIONS.md says it. */
  readonly meaning: string
  /** What holds when the variable is absent, in words. */
  readonly otherwise: string
  readonly fallback: Value
  /** Throws an `Error` that says what was expected. */
  readonly parse: (text: string) => Value
}

/** A flag: `on` or `off`. */
export function flagSetting(
  variable: Setting<boolean>['variable'],
  fallback: boolean,
  meaning: string,
): Setting<boolean> {
  const parse = (text: string): boolean => {
    if (text === 'on' || text === 'true' || text === '1') return true
    if (text === 'off' || text === 'false' || text === '0') return false
    throw new Error('expected on or off')
  }
  return { variable, meaning, otherwise: fallback ? '`on`' : '`off`', fallback, parse }
}

/** A whole number within bounds. */
export function integerSetting(
  variable: Setting<number>['variable'],
  bounds: { readonly min: number; readonly max: number; readonly otherwise: number },
  meaning: string,
): Setting<number> {
  const { min, max, otherwise } = bounds
  const parse = (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`expected a whole number from ${String(min)} to ${String(max)}`)
    return value
  }
  return { variable, meaning, otherwise: `\`${String(otherwise)}\``, fallback: otherwise, parse }
}

/** One of a few words. */
export function choiceSetting<const Value extends string>(
  variable: Setting<Value>['variable'],
  choices: readonly Value[],
  fallback: NoInfer<Value>,
  meaning: string,
): Setting<Value> {
  const parse = (text: string): Value => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice === undefined) throw new Error(`expected ${choices.join(', ')}`)
    return choice
  }
  return { variable, meaning, otherwise: `\`${fallback}\``, fallback, parse }
}

/** Any text but the empty one; `parse` may narrow what is accepted. */
export function textSetting(
  variable: Setting<string>['variable'],
  fallback: string,
  meaning: string,
  parse: (text: string) => string = notEmpty,
): Setting<string> {
  return { variable, meaning, otherwise: `\`${fallback}\``, fallback, parse }
}

/** Text that may be absent; `parse` may narrow what is accepted. */
export function optionalSetting(
  variable: Setting<string | undefined>['variable'],
  otherwise: string,
  meaning: string,
  parse: (text: string) => string = notEmpty,
): Setting<string | undefined> {
  return { variable, meaning, otherwise, fallback: undefined, parse }
}

/** A list, separated by commas. */
export function listSetting(
  variable: Setting<readonly string[]>['variable'],
  otherwise: string,
  meaning: string,
  parse: (item: string) => string = notEmpty,
): Setting<readonly string[]> {
  return {
    variable,
    meaning,
    otherwise,
    fallback: [],
    parse: (text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map(parse),
  }
}

const SECRET_MIN_CHARACTERS = 32

/** For settings that are a secret. */
export function secretText(text: string): string {
  if (text.length < SECRET_MIN_CHARACTERS)
    throw new Error(`expected at least ${String(SECRET_MIN_CHARACTERS)} characters`)
  return text
}

/** For settings that are an address: `http(s)://…`, without slashes at the end. */
export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error('expected an address that starts with http:// or https://')
  return text.replace(/\/+$/, '')
}

function notEmpty(text: string): string {
  if (text === '') throw new Error('expected some text')
  return text
}
