import { parse } from 'yaml'

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully'

/** What of a service the tests look at. */
export interface ComposeService {
  readonly image?: string
  readonly build?: string
  readonly command?: string | readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly restart?: string
  readonly stop_grace_period?: string
  readonly read_only?: boolean
  readonly privileged?: boolean
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly init?: boolean
  readonly mem_limit?: string
  readonly pids_limit?: number
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
}

export interface ComposeFile {
  readonly services: ReadonlyMap<string, ComposeService>
  readonly volumes: readonly string[]
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
}

/** A compose file as an engine would read it where no variable is set: `${NAME:-default}` is its default. */
export function parseComposeFile(text: string): ComposeFile {
  const file = parse(text, fillIn, { merge: true }) as {
    readonly services: Readonly<Record<string, ComposeService>>
    readonly volumes: Readonly<Record<string, unknown>>
    readonly networks: ComposeFile['networks']
  }
  return {
    services: new Map(Object.entries(file.services)),
    volumes: Object.keys(file.volumes),
    networks: file.networks,
  }
}

function fillIn(_key: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.replaceAll(/\$\{\w+(?::-([^}]*))?\}/g, (_, otherwise: string) => otherwise)
}
