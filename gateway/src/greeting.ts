import { resolve } from 'node:path'
import type { Settings } from '@satchel/chat-core/runtime'
import { offersDevSignIn } from './http/dev-sign-in.ts'

export interface Greeted {
  readonly port: number
  readonly settings: Settings
  readonly gateway: {
    /** As many as the system's limit of open files leaves room for. */
    readonly mostConnections: number
  }
  /** Where it is in this process. */
  readonly worker?: { readonly canPlay: boolean }
}

/** What a person who started the server wants to know first: where it is, and what is switched off. */
export function greeting({ port, settings, gateway, worker }: Greeted): string {
  const { mostConnections } = gateway
  const lines = [
    `Satchel is ready: open ${addressOf(settings, port)}`,
    settings.backend === 'embedded'
      ? `  data      ${resolve(settings.dataDir)}`
      : `  gateway   of the deployment ${settings.deployment}`,
    offersDevSignIn(settings)
      ? '  sign-in   by name alone (development)'
      : '  sign-in   with a token; npm run token -- bob signs one',
  ]
  if (settings.backend === 'embedded') {
    lines.push(
      settings.scanner === 'none'
        ? '  scanner   none: uploads are not checked for malware'
        : `  scanner   clamd at ${settings.clamd}: uploads wait for its verdict`,
      worker?.canPlay === true
        ? '  previews  of pictures, video and audio'
        : '  previews  of pictures; without ffmpeg, video and audio are downloads as they came',
    )
  }
  if (mostConnections < settings.maxSessions)
    lines.push(
      `  sockets   ${String(mostConnections)} at most: raise the limit of open files for more`,
    )
  if (!settings.limits) lines.push('  limits    off: for load tests only')
  return `${lines.join('\n')}\n`
}

const EVERY_ADDRESS = ['0.0.0.0', '::']

function addressOf({ publicUrl, host }: Settings, port: number): string {
  if (publicUrl !== undefined) return publicUrl
  const name = EVERY_ADDRESS.includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${String(port)}/`
}
