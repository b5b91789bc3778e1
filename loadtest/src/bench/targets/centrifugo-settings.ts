import { CENTRIFUGO_NAMESPACE, CENTRIFUGO_TOKEN_SECRET } from './centrifugo-target.ts'

/** As many messages of a group are kept, for so long: more than anybody who comes back within it may have missed. */
const HISTORY = { size: 1_000, ttl: '300s' }

/** Its configuration file, version 6: history and recovery on, kept by itself or in a Redis, and nothing that is not needed. */
export function centrifugoSettings(port: number, redisUrl: string | undefined): object {
  return {
    http_server: { address: '127.0.0.1', port: String(port) },
    log: { level: 'warn' },
    health: { enabled: true },
    engine:
      redisUrl === undefined ? { type: 'memory' } : { type: 'redis', redis: { address: redisUrl } },
    client: { token: { hmac_secret_key: CENTRIFUGO_TOKEN_SECRET } },
    channel: {
      namespaces: [
        {
          name: CENTRIFUGO_NAMESPACE,
          history_size: HISTORY.size,
          history_ttl: HISTORY.ttl,
          force_recovery: true,
          allow_subscribe_for_client: true,
          allow_publish_for_subscriber: true,
        },
      ],
    },
  }
}
