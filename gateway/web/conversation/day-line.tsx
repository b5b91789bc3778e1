import { useNow } from '../ui/use-now.ts'
import { dayTitle } from '../words/describe-time.ts'

interface DayLineProps {
  readonly rowKey: string
  readonly timeMs: number
}

export function DayLine({ rowKey, timeMs }: DayLineProps) {
  const now = useNow()
  return (
    <div class="day" data-key={rowKey} role="separator">
      <h3>{dayTitle(timeMs, now)}</h3>
    </div>
  )
}
