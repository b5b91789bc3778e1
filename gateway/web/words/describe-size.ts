const UNITS = ['KB', 'MB', 'GB'] as const

/** “820 bytes”, “3.4 MB”. */
export function describeSize(bytes: number): string {
  if (bytes < 1_000) return `${String(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
  let size = bytes
  let unit: string = ''
  for (unit of UNITS) {
    size /= 1_000
    if (size < 999.5) break
  }
  return `${size < 9.95 ? size.toFixed(1) : String(Math.round(size))} ${unit}`
}
