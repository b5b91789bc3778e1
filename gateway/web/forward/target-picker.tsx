import { useEffect } from 'preact/hooks'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import type { ForwardTarget } from './forward-target.ts'

interface TargetPickerProps {
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly targets: readonly ForwardTarget[]
  readonly isSearching: boolean
  readonly chosen: ForwardTarget | undefined
  readonly onChoose: (target: ForwardTarget) => void
  /** Enter, in the field. */
  readonly onConfirm: () => void
}

const LIST_ID = 'forward-targets'

/** One of many conversations and people: the focus stays in the field, arrow keys go through what is found. */
export function TargetPicker(props: TargetPickerProps) {
  const { query, targets, isSearching, chosen, onQuery, onChoose, onConfirm } = props
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onConfirm()
    else if (!move(props, event.key)) return
    event.preventDefault()
  }
  return (
    <>
      <input
        class="input"
        type="search"
        role="combobox"
        placeholder="Search"
        aria-label="Search conversations and people"
        aria-expanded="true"
        aria-controls={LIST_ID}
        aria-activedescendant={chosen === undefined ? undefined : optionId(chosen)}
        list={undefined}
        autocomplete="off"
        // On a phone the keyboard would cover what there is to choose from.
        autofocus={matchMedia('(pointer: fine)').matches}
        value={query}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <ul
        id={LIST_ID}
        class="people-list scrolls"
        role="listbox"
        aria-label="Conversations and people"
        aria-busy={isSearching}
      >
        {targets.map((target) => (
          <TargetOption
            key={target.id}
            target={target}
            isChosen={target === chosen}
            onChoose={onChoose}
          />
        ))}
        {targets.length === 0 && !isSearching && (
          <li class="note" role="presentation">
            Nobody found.
          </li>
        )}
      </ul>
    </>
  )
}

interface TargetOptionProps {
  readonly target: ForwardTarget
  readonly isChosen: boolean
  readonly onChoose: (target: ForwardTarget) => void
}

function TargetOption({ target, isChosen, onChoose }: TargetOptionProps) {
  const { id, title, note, isShared } = target
  useEffect(() => {
    if (isChosen) document.getElementById(optionId(target))?.scrollIntoView({ block: 'nearest' })
  }, [isChosen, target.id])
  return (
    <li
      id={optionId(target)}
      class="person"
      role="option"
      aria-selected={isChosen}
      onClick={() => onChoose(target)}
    >
      <Avatar id={id} name={title} group={isShared} />
      <span class="names">
        <span class="truncate" dir="auto">
          {title}
        </span>
        {note !== undefined && <span class="note">{note}</span>}
      </span>
      {isChosen && <Icon name="check" />}
    </li>
  )
}

function optionId({ id }: ForwardTarget): string {
  return `forward-to-${id}`
}

function move({ targets, chosen, onChoose }: TargetPickerProps, key: string): boolean {
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
  if (step === 0) return false
  const at = targets.findIndex((target) => target === chosen)
  const next = at < 0 && step < 0 ? targets.at(-1) : targets.at((at + step) % targets.length)
  if (next !== undefined) onChoose(next)
  return true
}
