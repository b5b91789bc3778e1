/** The time of day. The only source of it outside the log. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
}
