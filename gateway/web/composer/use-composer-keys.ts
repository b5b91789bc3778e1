import type { ComposerContext } from './composer-context-bar.tsx'
import type { Mentions } from './use-mentions.ts'

interface ComposerKeys {
  readonly text: string
  readonly context: ComposerContext | undefined
  readonly mentions: Mentions
  readonly send: () => void
  readonly onContextEnd: () => void
  readonly onEditLast: () => void
}

/** Enter sends, Shift+Enter starts a line; Escape steps back; Up in an empty field edits the last message. */
export function useComposerKeys(keys: ComposerKeys): (event: KeyboardEvent) => void {
  return (event) => {
    // While a character is being composed (Japanese, accents …) the keys belong to that.
    if (event.isComposing) return
    const isHandled =
      keys.mentions.matches.length > 0 ? inSuggestions(keys, event) : inText(keys, event)
    if (isHandled) event.preventDefault()
  }
}

function inSuggestions({ mentions }: ComposerKeys, event: KeyboardEvent): boolean {
  const { matches, selected } = mentions
  switch (event.key) {
    case 'ArrowDown':
      mentions.select((selected + 1) % matches.length)
      return true
    case 'ArrowUp':
      mentions.select((selected + matches.length - 1) % matches.length)
      return true
    case 'Enter':
    case 'Tab': {
      const person = matches[selected]
      if (person !== undefined) mentions.choose(person)
      return true
    }
    case 'Escape':
      mentions.dismiss()
      return true
    default:
      return false
  }
}

function inText(keys: ComposerKeys, event: KeyboardEvent): boolean {
  switch (event.key) {
    case 'Enter': {
      // Without a real keyboard there is no Shift to start a line with.
      const isTouch = matchMedia('(pointer: coarse) and (hover: none)').matches
      if (event.shiftKey || isTouch) return false
      keys.send()
      return true
    }
    case 'Escape':
      if (keys.context === undefined) return false
      keys.onContextEnd()
      return true
    case 'ArrowUp':
      if (keys.text !== '' || keys.context !== undefined) return false
      keys.onEditLast()
      return true
    default:
      return false
  }
}
