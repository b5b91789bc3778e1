// Who may import whom, as `satchel/import-table` enforces it. CONTRIBUTING.md shows the same as a picture.
//
// A file belongs to the zone with the longest folder (or file name) its path starts with. A zone may import itself
// and what its row names: `zones` at run time, `types` only with `import type`. What tests import is their own affair.

/**
 * @typedef {object} Zone
 * @property {string} folder a folder ending in `/`, or one file
 * @property {readonly string[]} zones
 * @property {readonly string[]} [types]
 * @property {boolean} [node] whether it may import `node:` modules; it may, unless this says otherwise
 * @property {readonly string[]} [onlyPackages] the only packages from outside it may import; absent: see `packageHomes`
 */

const rules = ['protocol', 'domain', 'ports']
const core = [...rules, 'runtime']
const coreParts = ['submit', 'create-submitter', 'queries', 'uploads', 'links', 'owner']
const technologies = ['embedded', 'nats', 'redis', 'cassandra', 's3']
const chatCoreDoors = ['chat-core', 'domain', 'ports', 'runtime']

/** @type {Readonly<Record<string, Zone>>} */
export const zones = {
  protocol: {
    folder: 'protocol/src/',
    zones: [],
    node: false,
    onlyPackages: [],
  },
  client: { folder: 'protocol/client/src/', zones: ['protocol'], node: false, onlyPackages: [] },
  domain: { folder: 'chat-core/src/domain/', zones: ['protocol'], node: false, onlyPackages: [] },
  ports: { folder: 'chat-core/src/ports/', zones: ['protocol', 'domain'], onlyPackages: [] },
  runtime: { folder: 'chat-core/src/runtime/', zones: ['protocol'], types: ['domain', 'ports'] },

  // What stands directly in chat-core/src, beside the door and main.ts: command-submitter.ts and what it is made of.
  submit: { folder: 'chat-core/src/', zones: core },
  'create-submitter': {
    folder: 'chat-core/src/create-submitter.ts',
    zones: [...core, 'submit', 'queries', 'uploads'],
  },
  queries: { folder: 'chat-core/src/queries/', zones: core },
  uploads: { folder: 'chat-core/src/uploads/', zones: core },
  links: { folder: 'chat-core/src/links/', zones: core },
  owner: { folder: 'chat-core/src/owner/', zones: core },

  adapters: { folder: 'chat-core/src/adapters/', zones: core },
  ...Object.fromEntries(
    technologies.map((technology) => [
      technology,
      { folder: `chat-core/src/adapters/${technology}/`, zones: [...core, 'adapters'] },
    ]),
  ),
  backends: {
    folder: 'chat-core/src/backends/',
    zones: [...core, 'adapters', ...technologies, 'links'],
  },

  'chat-core': { folder: 'chat-core/src/index.ts', zones: [...core, ...coreParts] },
  'chat-core process': {
    folder: 'chat-core/src/chat-core-process.ts',
    zones: [...core, 'owner'],
    types: ['backends'],
  },
  'chat-core main': {
    folder: 'chat-core/src/main.ts',
    zones: [...core, 'chat-core process', 'backends'],
  },
  provision: { folder: 'chat-core/src/provision-main.ts', zones: ['runtime', 'backends'] },

  gateway: {
    folder: 'gateway/src/',
    zones: ['protocol', ...chatCoreDoors],
    types: ['backends'],
  },
  'gateway main': {
    folder: 'gateway/src/main.ts',
    zones: ['protocol', ...chatCoreDoors, 'backends', 'gateway', 'single process'],
  },
  'single process': {
    folder: 'gateway/src/single-process.ts',
    zones: ['protocol', ...chatCoreDoors, 'backends', 'gateway', 'media-worker'],
  },
  web: { folder: 'gateway/web/', zones: ['protocol', 'client'], node: false },

  'media-worker': {
    folder: 'media-worker/src/',
    zones: ['protocol', ...chatCoreDoors],
    types: ['backends'],
  },
  'media-worker main': {
    folder: 'media-worker/src/main.ts',
    zones: ['protocol', ...chatCoreDoors, 'backends', 'media-worker'],
  },

  'reconcile main': {
    folder: 'media-worker/src/reconcile-main.ts',
    zones: ['protocol', ...chatCoreDoors, 'backends', 'media-worker'],
  },

  loadtest: { folder: 'loadtest/', zones: ['protocol', 'client', 'scripts'] },
  scripts: { folder: 'scripts/', zones: [] },
}

/**
 * Packages that have one home, as `package` or `@scope/`, with the zones that may import them. Everything above
 * these zones stays free of the driver, and changing it touches one folder.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const packageHomes = {
  lmdb: ['embedded'],
  msgpackr: ['adapters', 'embedded', 'nats', 'redis', 'cassandra'],
  nats: ['nats'],
  '@nats-io/': ['nats'],
  ioredis: ['redis', 'loadtest'],
  'cassandra-driver': ['cassandra'],
  '@aws-sdk/': ['s3'],
  cockatiel: ['adapters', ...technologies],
  pino: ['runtime'],
  'prom-client': ['runtime'],
  'uWebSockets.js': ['gateway', 'loadtest'],
  esbuild: ['gateway', 'loadtest', 'media-worker'],
  k6: ['loadtest'],
  jose: ['gateway'],
  preact: ['web'],
  'hls.js': ['web'],
  sharp: ['media-worker'],
  'file-type': ['media-worker'],
  'libheif-js': ['media-worker'],
  'hdr-histogram-js': ['loadtest'],
  'socket.io': ['loadtest'],
  '@socket.io/': ['loadtest'],
}

/**
 * Public doors: what another workspace imports by name, and the file behind it.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const doors = {
  '@satchel/protocol': 'protocol/src/index.ts',
  '@satchel/client': 'protocol/client/src/index.ts',
  '@satchel/chat-core': 'chat-core/src/index.ts',
  '@satchel/chat-core/domain': 'chat-core/src/domain/index.ts',
  '@satchel/chat-core/ports': 'chat-core/src/ports/index.ts',
  '@satchel/chat-core/backends': 'chat-core/src/backends/index.ts',
  '@satchel/chat-core/runtime': 'chat-core/src/runtime/index.ts',
  '@satchel/media-worker': 'media-worker/src/index.ts',
}

/** Workspaces, longest path first: between them, only doors. */
export const workspaces = [
  'protocol/client/',
  'protocol/',
  'chat-core/',
  'gateway/',
  'media-worker/',
  'loadtest/',
]
