import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

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
  const described: { name: string; help: string }[] = []
  const describe = ({ name, help }: { name: string; help: string }): void => {
    described.push({ name, help })
  }
  return {
    counter(description) {
      describe(description)
      const counter = new Counter({ ...namesOf(description), registers: [registry] })
      return {
        add: (count, ...[labels]) =>
          labels === undefined ? counter.inc(count) : counter.inc(labels, count),
      }
    },
    histogram(description) {
      describe(description)
      const histogram = new Histogram({
        ...namesOf(description),
        buckets: [...description.buckets],
        registers: [registry],
      })
      return {
        observe: (value, ...[labels]) =>
          labels === undefined ? histogram.observe(value) : histogram.observe(labels, value),
      }
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
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
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
