/** A row of what is to be held, and how it stands. */
export interface Budget {
  readonly what: string
  readonly bar: string
  /** Absent when it was not measured. */
  readonly figure?: string
  readonly isMet?: boolean
  /** Why it was missed, as far as that was measured; or why it was not measured. */
  readonly reason?: string
}

export function notMeasured({ what, bar }: Budget, reason: string): Budget {
  return { what, bar, reason }
}
