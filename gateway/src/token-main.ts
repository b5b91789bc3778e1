import { parseArgs } from 'node:util'
import { parseUserId } from '@satchel/protocol'
import { createSystemClock, describeFailure, readSettings } from '@satchel/chat-core/runtime'
import { bringsTokenKey, readTokenSecret } from './tokens/embedded-secrets.ts'
import { signToken } from './tokens/sign-token.ts'

// npm run token -- bob [--hours 24]: signs a token as an integrator's backend would.
const DEFAULT_HOURS = '24'

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { hours: { type: 'string', default: DEFAULT_HOURS } },
  })
  const userId = parseUserId(positionals[0] ?? '')
  const hours = Number(values.hours)
  if (userId === undefined || !(hours > 0))
    throw new Error('usage: npm run token -- USER [--hours HOURS]')
  const settings = readSettings(process.env)
  const secret =
    settings.tokenSecret ??
    (bringsTokenKey(settings) ? undefined : readTokenSecret(settings.dataDir))
  if (secret === undefined)
    throw new Error('Tokens are signed elsewhere: this server knows public keys only.')
  const options = {
    userId,
    nowMs: createSystemClock().nowMs(),
    lifetimeMs: hours * 3_600_000,
    issuer: settings.tokenIssuer,
    audience: settings.tokenAudience,
  }
  console.log(await signToken(secret, options))
} catch (error) {
  console.error(describeFailure(error))
  process.exitCode = 1
}
