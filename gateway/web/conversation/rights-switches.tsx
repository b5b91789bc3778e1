import { useAttempt } from '../session/use-attempt.ts'
import { useConversation } from './conversation-context.ts'

const SWITCHES = [
  { setting: 'membersCanAdd', label: 'All members may add people' },
  { setting: 'membersCanPin', label: 'All members may pin messages' },
] as const

/** What members may do without being admins. */
export function RightsSwitches() {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const settings = conversation.entry?.settings ?? {}
  return (
    <div class="switches" role="group" aria-label="What members may do">
      {SWITCHES.map(({ setting, label }) => (
        <label key={setting} class="check">
          <input
            type="checkbox"
            role="switch"
            checked={settings[setting] === true}
            onChange={(event) => {
              const { checked } = event.currentTarget
              attempt(conversation.update({ settings: { ...settings, [setting]: checked } }))
            }}
          />
          {label}
        </label>
      ))}
    </div>
  )
}
