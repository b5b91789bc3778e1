export type { Backend } from './backend.ts'
export { openEmbeddedBackend, type EmbeddedBackendOptions } from './embedded.ts'
