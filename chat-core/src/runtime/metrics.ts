import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { Histogram } from './histogram.ts'

/** Labels are few and bounded: codes, kinds, states. Never ids. */
type Labels<Name extends string> = Readonly<Record<Name, string>>

export interface MetricDescription<Name extends string = never> {
  readonly name: `satchel_${string}`
  readonly help: string
  readonly labels?: readonly Name[]
}

export interface CounterMetric<Name extends string> {
  add(count: number, ...labels: [Name] extends [never] ? [] : [Labels<Name>]): void
}

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
  render(): Promise<{ readonly contentType: string; readonly text: string }>
  /** Names and explanations of our own metrics. */
  describe(): readonly { readonly name: string; readonly help: string }[]
}

/** `processMetrics`: also what every Node process has (memory, CPU, loop delay, collections). */
export function createMetrics(options: { readonly processMetrics: boolean }): Metrics {
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })
  const histograms: Histogram[] = []
  const described: { name: string; help: string }[] = []
  const describe = ({ name, help }: { name: string; help: string }): void => {
    described.push({ name, help })
  }
  return {
    counter(description) {
      describe(description)
      // Counted here and handed over when somebody looks: adding must cost next to nothing.
      let pending = 0
      const counter = new Counter({
        ...namesOf(description),
        registers: [registry],
        collect() {
          if (pending > 0) this.inc(pending)
          pending = 0
        },
      })
      return {
        add(count, ...[labels]) {
          if (labels === undefined) pending += count
          else counter.inc(labels, count)
        },
      }
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
    async render() {
      const parts = [await registry.metrics(), ...histograms.map((one) => one.render())]
      return { contentType: registry.contentType, text: parts.join('\n') }
    },
    describe: () => described,
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
