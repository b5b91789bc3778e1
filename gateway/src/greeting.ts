import { resolve } from 'node:path'
import type { Settings } from '@satchel/chat-core/runtime'
import { offersDevSignIn } from './http/dev-sign-in.ts'

export interface Greeted {
  readonly port: number
  readonly settings: Settings
}

/** What a person who started the server wants to know first. */
export function greeting({ port, settings }: Greeted): string {
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const lines = [
    `Satchel is ready: open ${settings.publicUrl ?? `http://${host}:${String(port)}/`}`,
    `  data      ${resolve(settings.dataDir)}`,
  ]
  if (offersDevSignIn(settings)) lines.push('  sign-in   by name alone (development)')
  lines.push('  scanner   none: uploads are not checked for malware')
  lines.push('  previews  of images; other files are downloads')
  if (!settings.limits) lines.push('  limits    off: for load tests only')
  return `${lines.join('\n')}\n`
}
