import type { User, UserId } from '@satchel/protocol'

/** Profiles. A user exists on first use; without a profile there is just the id. */
export interface Users {
  /** In the order asked; `undefined` for those never seen. */
  read(ids: readonly UserId[]): Promise<readonly (User | undefined)[]>
  /** Writes the profile whole; settles when durable. */
  write(user: User): Promise<void>
  /** Writes what users say of themselves and gives the whole profile: `data` is the backend's and stays. Settles when durable. */
  writeOwn(user: Omit<User, 'data'>): Promise<User>
  /** Makes the user known without a profile; does nothing when they are known. */
  ensure(id: UserId): Promise<void>
  /** Users whose id or name starts with `prefix` (case-insensitive), at most `limit`. */
  find(prefix: string, limit: number): Promise<readonly User[]>
}
