import { conversationKind, memberSettings, role, schema, timeMs, userId } from '@satchel/protocol'

const { flag, integer, map, oneOf } = schema

// Rows of conversations, for those who get them from another process.

export const headRow = map({
  ...{ seq: integer(0), ordinal: integer(0), timeMs, kind: conversationKind, creatorId: userId },
  ...{ createdMs: timeMs, membershipSeq: integer(0), memberCount: integer(0) },
  ...{ fanout: oneOf(['small', 'large']), deleted: flag },
})

export const memberRow = map({ role, joinedSeq: integer(0), settings: memberSettings })
