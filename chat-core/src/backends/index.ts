export type { Backend, ClusterPorts } from './backend.ts'
export { openEmbeddedBackend, type EmbeddedBackendOptions } from './embedded.ts'
