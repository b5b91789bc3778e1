import { startSocketIoRedis } from './socket-io-redis.ts'

const [, , port, redisUrl = ''] = process.argv
await startSocketIoRedis(Number(port), redisUrl)
