import type { Member } from '@satchel/protocol'
import { usePresence } from '../people/use-presence.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useChange } from '../ui/use-change.ts'

const ROLES = { owner: 'Owner', admin: 'Admin', member: '' } as const

export function MemberList({ members }: { readonly members: readonly Member[] }) {
  const { me, names } = useSession()
  useChange(names)
  const presence = usePresence(members.map(({ userId }) => userId).slice(0, 50))
  return (
    <ul class="people-list scrolls" aria-label="Members">
      {members.map(({ userId, role }) => {
        const name = names.nameOf(userId)
        const isOnline = userId === me.id || presence.isOnline(userId)
        return (
          <li key={userId} class="person">
            <Avatar id={userId} name={name} online={isOnline} />
            <span class="names">
              <span class="truncate">{userId === me.id ? `${name} (you)` : name}</span>
              {isOnline && <span class="note">Online</span>}
            </span>
            <span class="note">{ROLES[role]}</span>
          </li>
        )
      })}
    </ul>
  )
}
