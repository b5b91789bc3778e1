/** “0:07”, “12:30”, “1:02:03”. A part of a second that has begun counts as none. */
export function describeDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const minutes = Math.floor(seconds / 60)
  const last = twoDigits(seconds % 60)
  if (minutes < 60) return `${String(minutes)}:${last}`
  return `${String(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${last}`
}

/** The same to be read aloud: “1 minute 5 seconds”. */
export function spellDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const parts = [
    [Math.floor(seconds / 3_600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const
  const said = parts
    .filter(([count], index) => count > 0 || (index === 2 && seconds === 0))
    .map(([count, unit]) => `${String(count)} ${unit}${count === 1 ? '' : 's'}`)
  return said.join(' ')
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0')
}
