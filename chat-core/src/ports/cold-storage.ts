/**
 * Where a store has room that costs less to keep and more to read.
 *
 * - `coolObject` moves an object there that has lain under its key since `beforeMs` or longer, and says whether it
 *   did. One that is younger, moved already, not there, or replaced meanwhile is left alone: so once is enough, and
 *   the store itself remembers. The key and the bytes stay what they are; reading goes on.
 */
export interface ColdStorage {
  coolObject(key: string, beforeMs: number): Promise<boolean>
}
