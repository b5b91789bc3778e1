import { setImmediate } from 'node:timers/promises'

/**
 * Lets everybody else have a turn. What lies in a file is read at once and not in the background: whoever walks over many
 * rows would keep the whole process to themselves until the last one.
 */
export async function nextTurn(): Promise<void> {
  await setImmediate()
}
