/** What a script is told by `-e NAME=value`. README.md lists the names; a test holds it to this. */
export interface Settings {
  readonly gateways: readonly string[]
  readonly tokenSecret: string
  readonly rampSeconds: number
  readonly holdSeconds: number
  readonly sockets: number
  readonly groupSize: number
  readonly messagesPerSecond: number
  readonly chatSeconds: number
  readonly concurrentUploads: number
  readonly uploadsPerUser: number
  readonly uploadSeconds: number
  readonly uploadBytes: number
  readonly readersPerSecond: number
  readonly slowness: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** Names, with what holds where they are not given. */
export const DEFAULTS = {
  GATEWAYS: 'http://127.0.0.1:7700',
  TOKEN_SECRET: '',
  RAMP_SECONDS: '20',
  HOLD_SECONDS: '60',
  SOCKETS: '500',
  GROUP_SIZE: '10',
  MESSAGES_PER_SECOND: '1',
  CHAT_SECONDS: '30',
  CONCURRENT_UPLOADS: '1000',
  UPLOADS_PER_USER: '10',
  UPLOAD_SECONDS: '20',
  UPLOAD_BYTES: '16384',
  READERS_PER_SECOND: '5',
  SLOWNESS: '1',
} as const

type SettingName = keyof typeof DEFAULTS

/** Throws for what is no number, and without a secret. */
export function readSettings(environment: Environment): Settings {
  const text = (name: SettingName): string => environment[name] ?? DEFAULTS[name]
  const number = (name: SettingName): number => {
    const value = Number(text(name))
    if (!(value > 0)) throw new Error(`${name} is ${text(name)}, expected a number above 0`)
    return value
  }
  if (text('TOKEN_SECRET') === '') throw new Error('TOKEN_SECRET is not set')
  return {
    gateways: text('GATEWAYS').split(','),
    tokenSecret: text('TOKEN_SECRET'),
    rampSeconds: number('RAMP_SECONDS'),
    holdSeconds: number('HOLD_SECONDS'),
    sockets: number('SOCKETS'),
    groupSize: number('GROUP_SIZE'),
    messagesPerSecond: number('MESSAGES_PER_SECOND'),
    chatSeconds: number('CHAT_SECONDS'),
    concurrentUploads: number('CONCURRENT_UPLOADS'),
    uploadsPerUser: number('UPLOADS_PER_USER'),
    uploadSeconds: number('UPLOAD_SECONDS'),
    uploadBytes: number('UPLOAD_BYTES'),
    readersPerSecond: number('READERS_PER_SECOND'),
    slowness: number('SLOWNESS'),
  }
}
