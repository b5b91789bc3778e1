import { EVERYBODY } from '../message/split-text.ts'
import { Avatar } from '../ui/avatar.tsx'
import type { Mentions } from './use-mentions.ts'

/** By these the field tells which suggestion is selected. */
export const LIST_ID = 'mention-suggestions'

export function optionId(index: number): string {
  return `mention-${String(index)}`
}

export function MentionSuggestions({ mentions }: { readonly mentions: Mentions }) {
  return (
    <ul id={LIST_ID} class="suggestions scrolls" role="listbox" aria-label="People to mention">
      {mentions.matches.map((person, index) => (
        <li
          key={person.id}
          id={optionId(index)}
          role="option"
          aria-selected={index === mentions.selected}
          onPointerEnter={() => mentions.select(index)}
          onPointerDown={(event) => {
            // The focus stays in the text.
            event.preventDefault()
            mentions.choose(person)
          }}
        >
          <Avatar id={person.id} name={person.name} size="small" />
          <span>{person.id === EVERYBODY ? 'Everybody here (@all)' : person.name}</span>
        </li>
      ))}
    </ul>
  )
}
