/** @typedef {'nats' | 'redis' | 'cassandra' | 's3' | 'edge'} ServiceName */

/** @type {readonly ServiceName[]} */
export const SERVICE_NAMES = ['nats', 'redis', 'cassandra', 's3', 'edge']

/**
 * These services and those they cannot do without: the edge reads the store.
 *
 * @param {readonly ServiceName[]} names
 */
export function withNeededServices(names) {
  const hasEdge = names.includes('edge')
  return SERVICE_NAMES.filter((name) => names.includes(name) || (name === 's3' && hasEdge))
}
