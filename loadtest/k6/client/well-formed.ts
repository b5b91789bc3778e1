// Two methods of texts that the codec needs and k6 has not. Bundling puts this before everything else.

/** Whether there is no half of a surrogate pair in it. */
export function isWellFormed(text: string): boolean {
  for (const letter of text) if (isHalf(letter)) return false
  return true
}

/** With the replacement character for each half of a surrogate pair. */
export function toWellFormed(text: string): string {
  if (isWellFormed(text)) return text
  return Array.from(text, (letter) => (isHalf(letter) ? '\uFFFD' : letter)).join('')
}

function isHalf(letter: string): boolean {
  return letter >= '\uD800' && letter <= '\uDFFF' && letter.length === 1
}

function addToTexts(name: string, method: (text: string) => unknown): void {
  Object.defineProperty(String.prototype, name, {
    configurable: true,
    writable: true,
    value(this: string) {
      return method(this)
    },
  })
}

if (typeof String.prototype.isWellFormed !== 'function') {
  addToTexts('isWellFormed', isWellFormed)
  addToTexts('toWellFormed', toWellFormed)
}
