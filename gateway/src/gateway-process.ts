import type { Backend } from '@satchel/chat-core/backends'
import { CloseStack, SettingsError, type Settings } from '@satchel/chat-core/runtime'
import { openGateway, type GatewayDeps, type RunningGateway } from './gateway.ts'

export interface GatewayProcessDeps extends Omit<GatewayDeps, 'backend'> {
  readonly openBackend: () => Promise<Backend>
}

export interface GatewayProcess {
  readonly port: number
  readonly settings: Settings
  readonly gateway: RunningGateway
  /** Lets clients go in order; what they asked for is answered or given back. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** A gateway as one of several processes, which share its secrets. */
export async function openGatewayProcess(deps: GatewayProcessDeps): Promise<GatewayProcess> {
  const settings = withSharedSecrets(deps.settings)
  const closing = new CloseStack()
  try {
    const backend = await deps.openBackend()
    closing.add('backend', () => backend.close())
    const gateway = await openGateway({ ...deps, settings, backend })
    closing.add('gateway', () => gateway.close())
    return {
      port: gateway.port,
      settings,
      gateway,
      async drain() {
        await gateway.drain()
        await closing.close()
      },
      close: () => closing.close(),
    }
  } catch (error) {
    await closing.close()
    throw error
  }
}

/** No process makes secrets for itself: the others would not know them. */
function withSharedSecrets(settings: Settings): Settings {
  const problems: string[] = []
  if (settings.linkSecret === undefined)
    problems.push('SATCHEL_LINK_SECRET: must be set, the same in every process and at the edge')
  const hasTokenKey =
    settings.tokenSecret ?? settings.tokenPublicKey ?? settings.tokenJwksUrl ?? undefined
  if (hasTokenKey === undefined)
    problems.push(
      'SATCHEL_TOKEN_SECRET, SATCHEL_TOKEN_PUBLIC_KEY or SATCHEL_TOKEN_JWKS_URL: one must be set',
    )
  if (problems.length > 0) throw new SettingsError(problems)
  // Whoever runs several processes has users of their own: names alone are enough only when asked for.
  return settings.devSignIn === 'auto' ? Object.freeze({ ...settings, devSignIn: 'off' }) : settings
}
