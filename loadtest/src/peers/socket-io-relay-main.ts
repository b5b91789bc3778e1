import { startSocketIoRelay } from './socket-io-relay.ts'

await startSocketIoRelay(Number(process.argv[2]))
