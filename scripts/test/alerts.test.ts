import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { SETTINGS } from '../../chat-core/src/runtime/index.ts'
import { tableRows } from '../../gateway/test/operations-document.ts'
import { repositoryRoot } from '../installation.mjs'

interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Whether it rises is for a person to judge. */
const NO_RULE = ['satchel_requests_refused_total']
const DURATION = /^\d+[smhd]$/

const rules = parseRules(await readSource('deploy/prometheus/alerts.yml'))

function readSource(path: string): Promise<string> {
  return readFile(join(repositoryRoot, path), 'utf8')
}

function parseRules(text: string): readonly AlertRule[] {
  const file = parse(text) as { readonly groups: readonly { readonly rules: AlertRule[] }[] }
  return file.groups.flatMap((group) => group.rules)
}

function metricsIn(expression: string): readonly string[] {
  return expression.match(/satchel_\w+/g) ?? []
}

test('every metric that a rule watches is one that OPERATIONS.md lists', async () => {
  const known = new Set((await tableRows('Metrics')).map(([name = '']) => name.replaceAll('`', '')))
  assert.ok(rules.length > 20)
  for (const { alert, expr } of rules) {
    const watched = metricsIn(expr)
    assert.ok(watched.length > 0 || expr.includes('nodejs_'), alert)
    for (const name of watched) assert.ok(known.has(name), `${alert}: ${name}`)
  }
})

test('every alarm of OPERATIONS.md has a rule', async () => {
  const watched = rules.flatMap(({ expr }) => expr.match(/(satchel|nodejs)_\w+/g) ?? [])
  for (const [condition = ''] of await tableRows('Alarms')) {
    const [metric = ''] = condition.match(/(satchel|nodejs)_\w+/) ?? []
    if (!NO_RULE.includes(metric)) assert.ok(watched.includes(metric), condition)
  }
})

test('every rule has a name of its own, a severity, and a section that says what to do', async () => {
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  const headings = (await readSource('docs/OPERATIONS.md')).matchAll(/^##+ (.+)$/gm)
  const anchors = new Set(
    [...headings].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-')),
  )
  for (const rule of rules) {
    assert.match(rule.for, DURATION, rule.alert)
    assert.match(rule.labels['severity'] ?? '', /^(warning|critical)$/, rule.alert)
    assert.ok((rule.annotations['summary'] ?? '').length > 10, rule.alert)
    const [file, anchor = ''] = (rule.annotations['runbook'] ?? '').split('#')
    assert.equal(file, 'docs/OPERATIONS.md', rule.alert)
    assert.ok(anchors.has(anchor), `${rule.alert}: ${anchor}`)
  }
})

test('thresholds that follow settings are those of the settings as they are unless set', () => {
  const expressionOf = (alert: string) => rules.find((rule) => rule.alert === alert)?.expr ?? ''
  const thresholds: readonly (readonly [string, keyof typeof SETTINGS])[] = [
    ['SatchelNearlyFull', 'maxSessions'],
    ['SatchelSlowClientsFillMemory', 'outboundBudgetBytes'],
  ]
  for (const [alert, setting] of thresholds) {
    const otherwise = SETTINGS[setting].otherwise.replaceAll('`', '')
    assert.ok(expressionOf(alert).endsWith(` ${otherwise}`), alert)
  }
})

test('the example scrapes every role, and reads the rules', async () => {
  const file = parse(await readSource('deploy/prometheus/prometheus.yml')) as {
    readonly rule_files: readonly string[]
    readonly scrape_configs: readonly { readonly job_name: string }[]
  }
  assert.deepEqual(file.rule_files, ['alerts.yml'])
  assert.deepEqual(
    file.scrape_configs.map(({ job_name }) => job_name),
    ['satchel-gateway', 'satchel-chat-core', 'satchel-media-worker'],
  )
})
