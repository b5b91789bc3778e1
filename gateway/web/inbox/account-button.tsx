import { useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { MenuItem } from '../ui/menu-item.tsx'
import { Menu } from '../ui/menu.tsx'

export function AccountButton() {
  const { me, signOut } = useSession()
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button account"
        aria-label={`Your account: ${me.name}`}
        title={me.name}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Avatar id={me.id} name={me.name} size="small" />
      </button>
      {isOpen && button.current !== null && (
        <Menu label="Your account" anchor={button.current} onClose={() => setOpen(false)}>
          <p class="menu-note">
            Signed in as <b>{me.name}</b>
          </p>
          <MenuItem icon="leave" label="Sign out" onChoose={signOut} />
        </Menu>
      )}
    </>
  )
}
