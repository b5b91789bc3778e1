const conjunction = new Intl.ListFormat('en', { type: 'conjunction' })

/** “Ann, Bob and 3 others”. */
export function listWords(words: readonly string[], shown = 3): string {
  if (words.length <= shown) return conjunction.format(words)
  const rest = words.length - shown + 1
  return conjunction.format([...words.slice(0, shown - 1), `${String(rest)} others`])
}

/** “1 member”, “5 members”. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`
}
