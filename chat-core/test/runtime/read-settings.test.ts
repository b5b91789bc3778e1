import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SettingsError, readSettings } from '../../src/runtime/read-settings.ts'
import { SETTINGS } from '../../src/runtime/settings.ts'

const noFile = (path: string): string => {
  throw new Error(`no file ${path}`)
}

test('without variables every setting has its fallback, and nothing can be changed', () => {
  const settings = readSettings({}, noFile)
  for (const [name, { fallback }] of Object.entries(SETTINGS))
    assert.deepEqual(Reflect.get(settings, name), fallback, name)
  assert.ok(Object.isFrozen(settings))
})

test('every problem is told at once, each with its variable', () => {
  const environment = {
    SATCHEL_PORT: 'many',
    SATCHEL_LIMITS: 'perhaps',
    SATCHEL_PROT: '7700',
    SATCHEL_TOKEN_SECRET: 'short',
    SATCHEL_ORIGINS: 'https://example.org/path',
    SATCHEL_TRUSTED_PROXIES: '10.0.0.0/99',
    PATH: '/bin',
  }
  assert.throws(
    () => readSettings(environment, noFile),
    (error) => {
      assert.ok(error instanceof SettingsError)
      const variables = error.problems.map((problem) => problem.split(':')[0])
      assert.deepEqual(variables.toSorted(), [
        'SATCHEL_LIMITS',
        'SATCHEL_ORIGINS',
        'SATCHEL_PORT',
        'SATCHEL_PROT',
        'SATCHEL_TOKEN_SECRET',
        'SATCHEL_TRUSTED_PROXIES',
      ])
      return true
    },
  )
})

test('a setting can come from a file, without its last line break', () => {
  const secret = 'a secret of at least thirty-two characters'
  const settings = readSettings(
    { SATCHEL_TOKEN_SECRET_FILE: '/run/secrets/token' },
    (path) => `${path === '/run/secrets/token' ? secret : ''}\n`,
  )
  assert.equal(settings.tokenSecret, secret)
})

test('a setting that comes twice, or from a file that cannot be read, is refused', () => {
  const twice = { SATCHEL_HOST: 'localhost', SATCHEL_HOST_FILE: '/host' }
  assert.throws(() => readSettings(twice, () => '::1'), /SATCHEL_HOST: is set, and so is/)
  assert.throws(() => readSettings({ SATCHEL_HOST_FILE: '/host' }, noFile), /cannot read \/host/)
})

test('a problem never shows the value of a secret', () => {
  assert.throws(
    () => readSettings({ SATCHEL_SERVER_KEYS: 'hunter2' }, noFile),
    (error) => error instanceof SettingsError && !error.message.includes('hunter2'),
  )
})
