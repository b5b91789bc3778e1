/** What both ends must agree on. Sizes in bytes of UTF-8 unless a name says characters. */
export const LIMITS = {
  /** One WebSocket message from a client. */
  maxMessageBytes: 16_384,
  maxFramesPerMessage: 64,
  maxNesting: 8,
  maxArrayLength: 64,
  maxMapLength: 32,
  /** One WebSocket message from the server, as clients enforce it. */
  maxServerMessageBytes: 4 * 1024 * 1024,
  maxServerArrayLength: 4_096,
  maxServerMapLength: 128,
  maxServerNesting: 16,

  textBytes: 8_192,
  dataBytes: 2_048,
  /** How deep `data` may be nested: what fits into a command also fits into every frame that carries it later. */
  dataNesting: 6,
  titleCharacters: 200,
  altCharacters: 500,
  captionCharacters: 1_000,
  nameCharacters: 200,
  emojiBytes: 32,
  fileNameBytes: 255,
  contentTypeBytes: 127,
  tokenBytes: 4_096,

  attachmentsPerMessage: 10,
  mentionsPerMessage: 50,
  reactionKindsPerMessage: 20,
  pinsPerConversation: 50,
  membersPerCommand: 50,
  membersPerGroup: 10_000,
  /** Up to here members' sessions are looked up one by one and reactions are numbered events. */
  smallConversationMembers: 256,
  /** A large conversation becomes small again only below this. */
  smallAgainMembers: 200,

  /** A client never sends counter n + 16 before n has its final answer. */
  answersPerOutbox: 16,
  outboxesPerUser: 32,
  outboxesPerConversation: 4_096,
  outboxCounterMax: 0xff_ffff,

  headsPerHello: 60,
  conversationsInWelcome: 100,
  pageSize: 100,
  /** More events behind than this in one conversation: `gap_too_large` for that one. */
  replayEvents: 500,
  linksPerRequest: 50,
  partUrlsPerRequest: 16,

  /** Up to here an upload is one PUT. */
  singlePutBytes: 8 * 1024 * 1024,
  partBytes: 5 * 1024 * 1024,
  pendingUploadsPerUser: 10,
} as const

/** Times both ends rely on, in milliseconds. */
export const TIMES = {
  helloDeadlineMs: 5_000,
  pingIntervalMs: 25_000,
  /** A client that hears nothing for this long reconnects. */
  silenceMs: 40_000,
  acceptedAfterMs: 2_000,
  resendAfterMs: 30_000,
  tokenGraceMs: 30_000,
} as const
