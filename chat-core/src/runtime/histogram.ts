export interface HistogramOptions {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Per bucket, not cumulative; the last one is for what exceeds every bound. */
  readonly counts: number[]
  sum: number
}

/**
 * A Prometheus histogram whose `observe` costs a few additions: it is called for every request, and the
 * library's own sorts and hashes the labels each time.
 */
export class Histogram {
  readonly #options: HistogramOptions
  readonly #series = new Map<string, Series>()

  constructor(options: HistogramOptions) {
    this.#options = options
  }

  observe(value: number, labels: Readonly<Record<string, string>> = {}): void {
    const { buckets, labels: names } = this.#options
    let key = ''
    for (const name of names) key += `${labels[name] ?? ''}\n`
    let series = this.#series.get(key)
    if (series === undefined) {
      series = { labels, counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }
      this.#series.set(key, series)
    }
    let index = 0
    while (index < buckets.length && value > (buckets[index] ?? 0)) index++
    series.counts[index] = (series.counts[index] ?? 0) + 1
    series.sum += value
  }

  /** The text Prometheus reads. */
  render(): string {
    const { name, help } = this.#options
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
    for (const series of this.#series.values()) this.#renderSeries(series, lines)
    return `${lines.join('\n')}\n`
  }

  #renderSeries({ labels, counts, sum }: Series, lines: string[]): void {
    const { name, buckets } = this.#options
    let count = 0
    for (const [index, inBucket] of counts.entries()) {
      count += inBucket
      const bound = buckets[index]
      const le = bound === undefined ? '+Inf' : String(bound)
      lines.push(`${name}_bucket${textOf({ ...labels, le })} ${String(count)}`)
    }
    lines.push(`${name}_sum${textOf(labels)} ${String(sum)}`)
    lines.push(`${name}_count${textOf(labels)} ${String(count)}`)
  }
}

function textOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
