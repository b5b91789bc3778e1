import { setFlagsFromString } from 'node:v8'

const GROWTH_PERCENT = 100

/**
 * Lets the old generation of V8's heap grow to twice what lives in it before it is collected, in the whole process.
 *
 * What a message changes of its conversation lives until the next one comes: too long to be collected young. Where
 * little lives otherwise V8 collects after every 8 MB of that, which at a thousand messages a second is every three
 * seconds, and each time what comes within some 40 ms is late. V8 reads this flag after each collection.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
