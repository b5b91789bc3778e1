/** @typedef {{ after(work: () => Promise<void>): void }} Test or a suite, or a file of them */
/** @typedef {() => unknown} Close may promise */

/**
 * What each test has open; goes with the test.
 *
 * @type {WeakMap<Test, Close[]>}
 */
const openOf = new WeakMap()

/**
 * Closes something when the test is over: what was opened last first, and everything, whatever fails; the first failure
 * fails the test. Node runs its own hooks in the order in which they were registered, and none after one that failed.
 *
 * @param {Test} test
 * @param {Close} close
 */
export function closeAfter(test, close) {
  const open = openOf.get(test) ?? []
  open.push(close)
  if (openOf.has(test)) return
  openOf.set(test, open)
  test.after(() => closeAll(open))
}

/** @param {Close[]} open */
async function closeAll(open) {
  /** @type {unknown[]} */
  const failures = []
  for (let close = open.pop(); close !== undefined; close = open.pop()) {
    try {
      await close()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
