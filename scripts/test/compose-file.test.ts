import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSettings, SETTINGS } from '../../chat-core/src/runtime/index.ts'
import { pinnedNodeVersion, repositoryRoot } from '../installation.mjs'
import {
  CASSANDRA_VERSION,
  NATS_SERVER_VERSION,
  VERSITYGW_VERSION,
} from '../services/obtain-programs.mjs'
import { parseComposeFile, type ComposeService } from './support/compose-file.ts'

// What can be said of the containers without an engine that runs them.

const dockerfile = await readSource('Dockerfile')
const { services, volumes, networks } = parseComposeFile(await readSource('docker-compose.yml'))

const JOBS = ['secrets', 'provision']
const PROCESSES = ['gateway', 'chat-core', 'media-worker']
const DATA = ['nats-1', 'nats-2', 'nats-3', 'cassandra', 's3']
/** Their image holds one program, which is no health check. */
const UNASKABLE = ['nats-1', 'nats-2', 'nats-3']
/** It writes into its own configuration at start. */
const WRITABLE = ['cassandra']
/** For those that begin as root and then become somebody else. */
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  cassandra: ['CHOWN', 'SETGID', 'SETUID'],
}

function readSource(path: string): Promise<string> {
  return readFile(join(repositoryRoot, path), 'utf8')
}

function service(name: string): ComposeService {
  const found = services.get(name)
  assert.ok(found, `there is no service ${name}`)
  return found
}

/** What the image says, and the service over it. */
function environmentOf(name: string): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {}
  for (const [, variable = '', value = ''] of dockerfile.matchAll(/^ +(SATCHEL_\w+)=(\S+)/gm))
    environment[variable] = value
  return { ...environment, ...service(name).environment }
}

for (const name of ['provision', ...PROCESSES]) {
  test(`${name} can start with the settings it is given`, () => {
    const settings = readSettings(environmentOf(name), (path) => `a secret for ${path}`.repeat(2))
    assert.equal(settings.backend, 'distributed')
    assert.equal(settings.host, '0.0.0.0')
    assert.equal(settings.natsUrls.length, settings.natsReplicas)
    assert.equal(settings.s3PublicEndpoint, settings.mediaUrl)
  })
}

test('every command starts a program that is there', () => {
  for (const name of [...JOBS, ...PROCESSES]) {
    const [node, program = ''] = [service(name).command ?? ''].flat().join(' ').split(' ')
    assert.equal(node, 'node', name)
    assert.ok(existsSync(join(repositoryRoot, program)), `${name}: ${program}`)
  }
})

test('whatever is called a setting is one', () => {
  const known = new Set<string>(Object.values(SETTINGS).map(({ variable }) => variable))
  for (const [name, { environment = {} }] of services) {
    for (const variable of Object.keys(environment)) {
      if (!variable.startsWith('SATCHEL_')) continue
      assert.ok(known.has(variable.replace(/_FILE$/, '')), `${name}: ${variable}`)
    }
  }
})

/** What of `/secrets` a service is told to read. */
function secretsOf({ environment = {}, command = [], healthcheck }: ComposeService): Set<string> {
  const texts = [...Object.values(environment), ...[command].flat(), ...(healthcheck?.test ?? [])]
  const paths = texts.flatMap((text) => [...text.matchAll(/\/secrets\/([\w/-]+)/g)])
  return new Set(paths.map(([, path = '']) => path))
}

test('the secrets that are read are made, and no container sees others', () => {
  const { command = '' } = service('secrets')
  const made = [command].flat().join(' ').split(' ').slice(3)
  for (const [name, container] of services) {
    if (name === 'secrets') continue
    const read = secretsOf(container)
    for (const path of read) assert.ok(made.includes(path), `${name} reads ${path}`)
    const folders = [...read].map((path) => path.split('/')[0] ?? '')
    const mounts = (container.volumes ?? []).filter((mount) => mount.startsWith('secrets'))
    const needed = [...new Set(folders)].map((folder) => `secrets-${folder}:/secrets/${folder}:ro`)
    assert.deepEqual(mounts.toSorted(), needed.toSorted(), name)
    const isGateway = folders.includes('gateway')
    assert.equal(isGateway, name === 'gateway', `${name} and what signs tokens`)
  }
  const folders = new Set(made.map((path) => path.split('/')[0] ?? ''))
  for (const folder of folders) assert.ok(dockerfile.includes(` /secrets/${folder}`), folder)
})

test('nobody signs in by name alone unless that is asked for', () => {
  assert.equal(environmentOf('gateway')['SATCHEL_DEV_SIGN_IN'], 'off')
})

test('containers are given the time they take to leave', () => {
  for (const name of PROCESSES) {
    const [, seconds = '0'] = /^(\d+)s$/.exec(service(name).stop_grace_period ?? '') ?? []
    assert.ok(Number(seconds) >= 20, name)
  }
})

test('images are pinned, to the versions that are tested without containers', () => {
  for (const [, tag] of dockerfile.matchAll(/^FROM node:(\S+)/gm))
    assert.equal(tag, `${pinnedNodeVersion}-bookworm-slim`)
  for (const [name, { image = '' }] of services)
    assert.match(image, /^satchel[\w-]*:local$|.:v?\d+\.\d+[\w.-]*$/, name)
  for (const name of UNASKABLE) assert.equal(service(name).image, `nats:${NATS_SERVER_VERSION}`)
  assert.equal(service('s3').image, `versity/versitygw:v${VERSITYGW_VERSION}`)
  assert.equal(service('cassandra').image, `cassandra:${CASSANDRA_VERSION}`)
})

test('no container may do more than its work needs', () => {
  for (const [name, container] of services) {
    assert.deepEqual(container.cap_drop, ['ALL'], name)
    assert.deepEqual(container.cap_add ?? [], CAPABILITIES[name] ?? [], name)
    assert.deepEqual(container.security_opt, ['no-new-privileges:true'], name)
    assert.equal(container.read_only, !WRITABLE.includes(name), name)
    assert.equal(container.privileged ?? false, false, name)
  }
})

test('no container takes more than its share, and none loses its orphans', () => {
  for (const [name, container] of services) {
    assert.match(container.mem_limit ?? '', /^\d+[mg]$/, name)
    assert.ok((container.pids_limit ?? 0) > 0, name)
    assert.ok(container.logging?.options?.['max-size'], name)
    assert.equal(container.init, true, name)
  }
})

test('every service is watched and comes back; jobs end', async () => {
  const askable = [dockerfile, await readSource('deploy/edge/Dockerfile')]
  for (const text of askable) assert.match(text, /^HEALTHCHECK /m)
  for (const [name, { healthcheck, restart, image = '' }] of services) {
    const isJob = JOBS.includes(name)
    if (isJob) assert.match(restart ?? '', /^(no|on-failure:\d+)$/, name)
    else assert.equal(restart, 'unless-stopped', name)
    const isWatched = healthcheck?.disable !== true
    assert.equal(isWatched, !isJob && !UNASKABLE.includes(name), name)
    if (isWatched) assert.ok(healthcheck?.test ?? image.startsWith('satchel'), name)
  }
})

test('processes wait until everything is provisioned, and provisioning for all servers', () => {
  for (const name of PROCESSES) {
    const { condition } = service(name).depends_on?.['provision'] ?? {}
    assert.equal(condition, 'service_completed_successfully', name)
  }
  const { depends_on: needed = {} } = service('provision')
  assert.deepEqual(Object.keys(needed).toSorted(), ['redis', 'secrets', ...DATA].toSorted())
  for (const [name, { condition }] of Object.entries(needed)) {
    const isHealthy = !UNASKABLE.includes(name) && !JOBS.includes(name)
    assert.equal(condition === 'service_healthy', isHealthy, name)
  }
})

test('only the edge is published, and only to this machine', () => {
  for (const [name, { ports = [], networks: joined = [], network_mode: mode }] of services) {
    assert.equal(ports.length, name === 'edge' ? 1 : 0, name)
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
    const isReached = joined.some((network) => networks[network]?.internal !== true)
    assert.equal(isReached, ['edge', 'gateway'].includes(name), name)
    assert.ok(joined.length > 0 || mode === 'none', name)
  }
})

test('what must stay lies in volumes with a name', () => {
  const used = [...services.values()].flatMap(({ volumes: mounts = [] }) =>
    mounts.map((mount) => mount.split(':')[0] ?? ''),
  )
  const isNamed = (source: string): boolean => !source.startsWith('.')
  assert.deepEqual(new Set(used.filter(isNamed)), new Set(volumes))
  for (const source of used.filter((name) => !isNamed(name)))
    assert.ok(existsSync(join(repositoryRoot, source)), source)
  for (const name of DATA) {
    const mounts = service(name).volumes ?? []
    assert.ok(
      mounts.some((mount) => mount.startsWith(`${name}:/`)),
      name,
    )
  }
})

test('the edge fills in all that its templates leave open', async () => {
  const start = await readSource('deploy/edge/start.sh')
  const folder = join(repositoryRoot, 'deploy/edge')
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.template')) continue
    for (const [placeholder] of (await readFile(join(folder, file), 'utf8')).matchAll(/\$\{\w+\}/g))
      assert.ok(start.includes(`s|\\${placeholder}|`), `${file}: ${placeholder}`)
  }
})
