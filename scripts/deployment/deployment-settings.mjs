import { randomBytes } from 'node:crypto'

/** @typedef {import('../services/start-services.mjs').ServiceAddresses} ServiceAddresses */

/**
 * @typedef {object} DeploymentSecrets
 * @property {string} tokenSecret signs users' tokens
 * @property {string} serverKey may act for every user
 */

const LOG_MAX_BYTES = 64 * 1024 * 1024

/** @returns {DeploymentSecrets} */
export function makeSecrets() {
  const secret = () => randomBytes(32).toString('base64url')
  return { tokenSecret: secret(), serverKey: secret() }
}

/**
 * What every process of a deployment is told: where the services are, and the secrets they share.
 *
 * @param {object} options
 * @param {string} options.deployment
 * @param {ServiceAddresses} options.addresses all of them
 * @param {DeploymentSecrets} options.secrets
 * @param {number} options.partitions
 * @returns {Readonly<Record<string, string>>}
 */
export function deploymentSettings({ deployment, addresses, secrets, partitions }) {
  const { nats, redis, cassandra, s3, edge } = addresses
  if (redis === undefined || cassandra === undefined || s3 === undefined || edge === undefined) {
    throw new Error('a deployment needs all services: NATS, Redis, Cassandra, S3 and the edge')
  }
  return {
    SATCHEL_BACKEND: 'distributed',
    SATCHEL_DEPLOYMENT: deployment,
    SATCHEL_PARTITIONS: String(partitions),
    SATCHEL_HOST: '127.0.0.1',
    SATCHEL_NATS_URLS: nats.join(','),
    SATCHEL_NATS_REPLICAS: String(nats.length),
    // Servers reserve what streams may take.
    SATCHEL_LOG_MAX_BYTES: String(LOG_MAX_BYTES),
    SATCHEL_REDIS_URL: redis,
    SATCHEL_CASSANDRA_HOSTS: cassandra.contactPoint,
    SATCHEL_CASSANDRA_DATA_CENTER: cassandra.dataCenter,
    SATCHEL_CASSANDRA_REPLICAS: '1',
    SATCHEL_S3_ENDPOINT: s3.endpoint,
    SATCHEL_S3_REGION: s3.region,
    SATCHEL_S3_BUCKET: edge.bucket,
    SATCHEL_S3_ACCESS_KEY: s3.accessKey,
    SATCHEL_S3_SECRET_KEY: s3.secretKey,
    SATCHEL_MEDIA_URL: edge.url,
    SATCHEL_LINK_SECRET: edge.linkSecret,
    SATCHEL_TOKEN_SECRET: secrets.tokenSecret,
    SATCHEL_SERVER_KEYS: secrets.serverKey,
    // For trying out: everything listens on loopback only.
    SATCHEL_DEV_SIGN_IN: 'on',
    // Any machine of a developer will do.
    SATCHEL_SANDBOX: 'best-effort',
  }
}
