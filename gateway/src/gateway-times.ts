import { TIMES } from '@satchel/protocol'

/** What a gateway waits for, and how long. Tests go through these faster. */
export const GATEWAY_TIMES = {
  ...TIMES,
  /** Without the bus for this long, new clients are sent elsewhere. */
  busAwayMs: 20_000,
  /** How long commands in flight are waited for when the process leaves: a partition may be between two owners. */
  leavingAnswersMs: 10_000,
} as const

export type GatewayTimes = { readonly [Name in keyof typeof GATEWAY_TIMES]: number }
