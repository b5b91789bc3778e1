import { parseArgs } from 'node:util'
import { parseUserId } from '@satchel/protocol'
import { createSystemClock, readSettings } from '@satchel/chat-core/runtime'
import { withEmbeddedSecrets } from './tokens/embedded-secrets.ts'
import { signToken } from './tokens/sign-token.ts'

// npm run token -- bob [--hours 24]: signs a token as an integrator's backend would.
const DEFAULT_HOURS = '24'
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { hours: { type: 'string', default: DEFAULT_HOURS } },
})
const userId = parseUserId(positionals[0] ?? '')
const hours = Number(values.hours)

if (userId === undefined || !(hours > 0)) {
  console.error('usage: npm run token -- USER [--hours HOURS]')
  process.exitCode = 1
} else {
  const settings = withEmbeddedSecrets(readSettings(process.env))
  if (settings.tokenSecret === undefined) {
    console.error('Tokens are signed elsewhere: this server knows public keys only.')
    process.exitCode = 1
  } else {
    const options = {
      userId,
      nowMs: createSystemClock().nowMs(),
      lifetimeMs: hours * 3_600_000,
      issuer: settings.tokenIssuer,
      audience: settings.tokenAudience,
    }
    console.log(await signToken(settings.tokenSecret, options))
  }
}
