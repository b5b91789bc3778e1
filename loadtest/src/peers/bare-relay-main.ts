import { startBareRelay } from './bare-relay.ts'

startBareRelay(Number(process.argv[2]))
