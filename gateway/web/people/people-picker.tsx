import { useSession } from '../session/session-context.ts'
import { useConnectionState } from '../session/use-connection-state.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { usePeopleSearch } from './use-people-search.ts'

interface PeoplePickerProps {
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
  /** Not offered: they are in already. */
  readonly hidden?: readonly string[]
}

/** Several people, found by the beginning of their names. */
export function PeoplePicker({ chosen, onChange, hidden = [] }: PeoplePickerProps) {
  const { chat, names } = useSession()
  const isLive = useConnectionState(chat).status === 'live'
  const { query, setQuery, people, isSearching } = usePeopleSearch()
  const offered = people.filter(({ id }) => !hidden.includes(id))
  const toggle = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])
  return (
    <>
      <input
        class="input"
        type="search"
        placeholder="Search people"
        aria-label="Search people"
        // On a phone the keyboard would cover who there is to choose from.
        autofocus={matchMedia('(pointer: fine)').matches}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {chosen.length > 0 && (
        <div class="chosen">
          {chosen.map((id) => (
            <button
              key={id}
              type="button"
              aria-label={`Remove ${names.nameOf(id)}`}
              onClick={() => toggle(id)}
            >
              {names.nameOf(id)}
              <Icon name="close" size={14} />
            </button>
          ))}
        </div>
      )}
      <div class="people-list scrolls" role="group" aria-label="People" aria-busy={isSearching}>
        {offered.map(({ id, name = id }) => (
          <button
            key={id}
            type="button"
            class="person"
            role="checkbox"
            aria-checked={chosen.includes(id)}
            onClick={() => toggle(id)}
          >
            <Avatar id={id} name={name} />
            <span class="names">
              <span class="truncate">{name}</span>
            </span>
            {chosen.includes(id) && <Icon name="check" />}
          </button>
        ))}
        {offered.length === 0 && <p class="note">{describeNobody(isSearching, isLive)}</p>}
      </div>
    </>
  )
}

function describeNobody(isSearching: boolean, isLive: boolean): string {
  if (!isSearching) return 'Nobody found.'
  return isLive ? 'Searching…' : 'No connection: the search waits for one.'
}
