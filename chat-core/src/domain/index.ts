export type * from './command.ts'
export type * from './conversation-state.ts'
export type * from './decision.ts'
