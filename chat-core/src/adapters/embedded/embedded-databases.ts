import type { Cells } from './cells.ts'
import type { Environment } from './environment.ts'

/** What the ports of the chat keep their rows in; media has databases of its own. */
export interface EmbeddedDatabases {
  readonly conversations: Cells
  readonly inbox: Cells
  readonly mentions: Cells
  readonly followers: Cells
  readonly following: Cells
  readonly users: Cells
  readonly userNames: Cells
  readonly jobs: Cells
}

export function openDatabases(environment: Environment): EmbeddedDatabases {
  return {
    conversations: environment.database('conversations'),
    inbox: environment.database('inbox'),
    mentions: environment.database('mentions'),
    followers: environment.database('followers'),
    following: environment.database('following'),
    users: environment.database('users'),
    userNames: environment.database('user-names'),
    jobs: environment.database('jobs'),
  }
}
