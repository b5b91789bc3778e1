import { describeMissing, findMissingPrograms } from './missing-programs.mjs'
import { DEFAULT_BIN_FOLDER } from './start-services.mjs'

/**
 * For a test that needs real servers: true when this machine can run them; else the test is skipped with the reason.
 * Where `CI` is set nothing is skipped: it throws.
 *
 * @param {{ skip(reason: string): void }} testContext
 * @param {readonly import('./service-names.mjs').ServiceName[]} services
 */
export async function requireServices(testContext, services) {
  const missing = await findMissingPrograms(services, DEFAULT_BIN_FOLDER)
  if (missing.length === 0) return true
  if (process.env['CI'] === 'true') throw new Error(describeMissing(missing))
  testContext.skip(describeMissing(missing))
  return false
}
