import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'

export function SpeedButton() {
  const { speed } = useSession()
  useChange(speed)
  const name = `${String(speed.factor)}×`
  return (
    <button
      type="button"
      class="speed"
      aria-label={`Speed: ${name}`}
      title="Speed"
      onClick={() => speed.step()}
    >
      {name}
    </button>
  )
}
