// The page speaks English, whatever the browser speaks; hours are written as its owner writes them.
const locale = navigator.language.startsWith('en') ? navigator.language : 'en-GB'
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' })
const dayAndMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const longDay = new Intl.DateTimeFormat(locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})
const longDayAndYear = new Intl.DateTimeFormat(locale, { dateStyle: 'long' })
const complete = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' })
const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** “14:05”. */
export function clockTime(timeMs: number): string {
  return clock.format(timeMs)
}

/** Day, date and time, for a tooltip. */
export function completeTime(timeMs: number): string {
  return complete.format(timeMs)
}

/** As short as it can be said in a list: “now”, “5 min”, “14:05”, “Monday”, “3 Nov”. */
export function shortTime(timeMs: number, nowMs: number): string {
  const elapsedMs = nowMs - timeMs
  if (elapsedMs < MINUTE_MS) return 'now'
  if (elapsedMs < HOUR_MS) return `${String(Math.floor(elapsedMs / MINUTE_MS))} min`
  const days = daysBetween(timeMs, nowMs)
  if (days === 0) return clock.format(timeMs)
  if (days === 1) return capitalized(ago.format(-1, 'day'))
  return days < 7 ? weekday.format(timeMs) : dayAndMonth.format(timeMs)
}

/** The line between two days: “Today”, “Yesterday”, “Monday, 3 November”. */
export function dayTitle(timeMs: number, nowMs: number): string {
  const days = daysBetween(timeMs, nowMs)
  if (days === 0 || days === 1) return capitalized(ago.format(-days, 'day'))
  const sameYear = new Date(timeMs).getFullYear() === new Date(nowMs).getFullYear()
  return (sameYear ? longDay : longDayAndYear).format(timeMs)
}

/** “5 minutes ago”. */
export function timeAgo(timeMs: number, nowMs: number): string {
  const elapsedMs = nowMs - timeMs
  if (elapsedMs < MINUTE_MS) return 'just now'
  if (elapsedMs < HOUR_MS) return ago.format(-Math.floor(elapsedMs / MINUTE_MS), 'minute')
  if (elapsedMs < DAY_MS) return ago.format(-Math.floor(elapsedMs / HOUR_MS), 'hour')
  return ago.format(-daysBetween(timeMs, nowMs), 'day')
}

/** How many midnights lie between the two, where the reader is. */
export function daysBetween(earlierMs: number, laterMs: number): number {
  return Math.round((midnightBefore(laterMs) - midnightBefore(earlierMs)) / DAY_MS)
}

function midnightBefore(timeMs: number): number {
  const date = new Date(timeMs)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
