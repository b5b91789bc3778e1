import type { ObjectStore } from '@satchel/chat-core/ports'

/** How far a day's walk over a catalogue has come. */
export interface WalkProgress<Id extends string> {
  /** Days since 1970. */
  readonly day: number
  /** The last row that was looked at; absent before the first. */
  readonly after: Id | undefined
  readonly isOver: boolean
}

export type WalkName = 'integrity-scan' | 'retention-sweep' | 'former-pipelines' | 'condemned-marks'

/** Beside the bytes, where every worker finds it. What cannot be read, or is another day's, is no progress. */
export async function readWalkProgress<Id extends string>(
  objects: Pick<ObjectStore, 'read'>,
  name: WalkName,
  wanted: { readonly day: number; readonly parseId: (text: string) => Id | undefined },
): Promise<WalkProgress<Id>> {
  const fresh = { day: wanted.day, after: undefined, isOver: false }
  const object = await objects.read(keyOf(name))
  if (object === undefined) return fresh
  const bytes = Buffer.concat(await Array.fromAsync(object.body))
  const [day = '', state = '', after = ''] = bytes.toString().split(' ')
  if (!/^\d+$/.test(day) || Number(day) !== wanted.day) return fresh
  return { day: wanted.day, isOver: state === 'over', after: wanted.parseId(after) }
}

export async function writeWalkProgress(
  objects: Pick<ObjectStore, 'put'>,
  name: WalkName,
  { day, after, isOver }: WalkProgress<string>,
): Promise<void> {
  const bytes = Buffer.from(`${day} ${isOver ? 'over' : 'begun'} ${after ?? ''}`)
  const body = async function* () {
    yield bytes
  }
  await objects.put(keyOf(name), body(), bytes.length)
}

function keyOf(name: WalkName): string {
  return `upkeep/${name}`
}
