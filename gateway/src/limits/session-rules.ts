/** What one session may do, and a user in all of theirs. `SATCHEL_LIMITS=off` switches the first six off; the rest always holds. */
export const SESSION_RULES = {
  commands: { perSecond: 20, burst: 60 },
  /** Of all sessions of one user, at every gateway. */
  commandsOfUser: { perSecond: 60, burst: 180 },
  /** Everything else that is answered. */
  requests: { perSecond: 50, burst: 200 },
  /** Of all sessions of one user, at every gateway; what comes by HTTP has a total of its own. */
  requestsOfUser: { perSecond: 100, burst: 400 },
  /** Marks, typing and upload progress together; more are dropped, as signals may be. */
  signals: { perSecond: 60, burst: 300 },
  /** At one gateway: tabs and devices, and what is left of them after a network went away. */
  sessionsOfUser: 100,
  /** Typing and upload progress, each per second and conversation or upload. */
  signalsPerSecond: 2,
  /** WebSocket messages and pings of any kind: whoever exceeds this is closed. */
  messages: { perSecond: 500, burst: 3_000 },
  /** Requests being worked on at once. */
  maxPending: 256,
  maxPendingCommands: 1_024,
  /** Frames held before `welcome`. */
  maxHeld: 64,
} as const
