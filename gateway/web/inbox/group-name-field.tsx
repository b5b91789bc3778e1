import { LIMITS } from '@satchel/protocol'

interface GroupNameFieldProps {
  /** With one other person a name is what makes it a group. */
  readonly isOptional: boolean
  readonly title: string
  readonly onChange: (title: string) => void
}

export function GroupNameField({ isOptional, title, onChange }: GroupNameFieldProps) {
  return (
    <div class="field">
      <label for="group-name">
        {isOptional ? 'Group name (leave empty for a direct chat)' : 'Group name'}
      </label>
      <input
        id="group-name"
        class="input"
        maxLength={LIMITS.titleCharacters}
        value={title}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
