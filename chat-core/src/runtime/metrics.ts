import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import product from '../../../package.json' with { type: 'json' }
import { Histogram } from './histogram.ts'

/** Labels are few and bounded: codes, kinds, states. Never ids. */
type Labels<Name extends string> = Readonly<Record<Name, string>>

export interface MetricDescription<Name extends string = never> {
  readonly name: `satchel_${string}`
  readonly help: string
  readonly labels?: readonly Name[]
}

/** Something that is counted often: adding costs next to nothing. */
export interface Tally {
  add(count: number): void
}

export interface CounterMetric<Name extends string> {
  add(count: number, ...labels: [Name] extends [never] ? [] : [Labels<Name>]): void
  /** The count under these labels, which is there from now on, and 0 at first. */
  with(labels: Labels<Name>): Tally
  /** Shows these counts from now on, at 0: of one that appears at 1, a rate does not see the first. */
  expect(labels: readonly Labels<Name>[]): void
}

/** What a process does; the one that does everything has each. */
export type ProcessRole = 'gateway' | 'chat-core' | 'media-worker'

export interface HistogramMetric<Name extends string> {
  observe(value: number, ...labels: [Name] extends [never] ? [] : [Labels<Name>]): void
}

/** What a process counts, in the form Prometheus reads. */
export interface Metrics {
  counter<const Name extends string = never>(
    description: MetricDescription<Name>,
  ): CounterMetric<Name>
  histogram<const Name extends string = never>(
    description: MetricDescription<Name> & { readonly buckets: readonly number[] },
  ): HistogramMetric<Name>
  /** A value that is read when somebody looks. */
  gauge(description: MetricDescription, read: () => number): void
  /** A count that is kept elsewhere and never falls, read when somebody looks. */
  total(description: MetricDescription, read: () => number): void
  /** Says that this process has the role, and its release. */
  plays(role: ProcessRole): void
  render(): Promise<{ readonly contentType: string; readonly text: string }>
  /** Names and explanations of our own metrics. */
  describe(): readonly { readonly name: string; readonly help: string }[]
}

const BUILD_INFO = {
  name: 'satchel_build_info',
  help: '1 for each role this process has; `version` is its release.',
  labels: ['version', 'role'],
} as const satisfies MetricDescription<string>

/** `processMetrics`: also what every Node process has (memory, CPU, loop delay, collections). */
export function createMetrics(options: { readonly processMetrics: boolean }): Metrics {
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })
  const histograms: Histogram[] = []
  const described: { name: string; help: string }[] = []
  const describe = ({ name, help }: { name: string; help: string }): void => {
    described.push({ name, help })
  }
  describe(BUILD_INFO)
  const build = new Gauge({ ...namesOf(BUILD_INFO), registers: [registry] })
  return {
    counter(description) {
      describe(description)
      return createCounter(registry, description)
    },
    histogram(description) {
      describe(description)
      const { name, help, labels = [], buckets } = description
      const histogram = new Histogram({ name, help, labels, buckets })
      histograms.push(histogram)
      return { observe: (value, ...[labels]) => histogram.observe(value, labels) }
    },
    gauge(description, read) {
      describe(description)
      new Gauge({
        ...namesOf(description),
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    },
    total(description, read) {
      describe(description)
      new Counter({
        ...namesOf(description),
        registers: [registry],
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    plays: (role) => {
      build.set({ version: product.version, role }, 1)
    },
    async render() {
      const parts = [await registry.metrics(), ...histograms.map((one) => one.render())]
      return { contentType: registry.contentType, text: parts.join('\n') }
    },
    describe: () => described,
  }
}

/** Counted here and handed over when somebody looks: adding must cost next to nothing. */
function createCounter<const Name extends string>(
  registry: Registry,
  description: MetricDescription<Name>,
): CounterMetric<Name> {
  let pending = 0
  const tallies: { readonly labels: Labels<Name>; pending: number }[] = []
  const counter = new Counter({
    ...namesOf(description),
    registers: [registry],
    collect() {
      if (pending > 0) this.inc(pending)
      pending = 0
      for (const tally of tallies) {
        counter.inc(tally.labels, tally.pending)
        tally.pending = 0
      }
    },
  })
  return {
    add(count, ...[labels]) {
      if (labels === undefined) pending += count
      else counter.inc(labels, count)
    },
    with(labels) {
      const tally = { labels, pending: 0 }
      tallies.push(tally)
      return {
        add: (count) => {
          tally.pending += count
        },
      }
    },
    expect(known) {
      for (const labels of known) counter.inc(labels, 0)
    },
  }
}

function namesOf<Name extends string>(
  description: MetricDescription<Name>,
): { name: string; help: string; labelNames: Name[] } {
  return {
    name: description.name,
    help: description.help,
    labelNames: [...(description.labels ?? [])],
  }
}
