import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ANSWERS,
  CLIENT_SIGNALS,
  CLOSE_CODES,
  COMMANDS,
  ERROR_CODES,
  LIMITS,
  PUSHES,
  REQUESTS,
  TIMES,
  createClientCodec,
  createServerCodec,
  eventContent,
  type CloseCodeEntry,
  type ErrorCodeEntry,
  type Fields,
  type Schema,
} from '../src/index.ts'
import { readAnchors, readExamples, readTable } from './protocol-document.ts'

type Row = readonly string[]
interface Layout {
  readonly op: number
  readonly fields: Fields
}

const eventKinds = eventContent.shape.is === 'variants' ? eventContent.shape.table : {}

/** A thing's own row, then one for each of its fields: name, `?` when optional, type. */
function rowsOf(own: Row, fields: Fields, type = ''): readonly Row[] {
  const names = own.map(() => '')
  const rows = Object.entries(fields).map(([name, schema]) => [
    ...names,
    `\`${name}${schema.optional === true ? '?' : ''}\``,
    schema.name,
  ])
  return [[...own, '', type], ...rows]
}

function layoutRows(layouts: Readonly<Record<string, Layout>>): readonly Row[] {
  return Object.entries(layouts).flatMap(([name, { op, fields }]) =>
    rowsOf([String(op), `\`${name}\``], fields),
  )
}

function kindRows(kinds: Fields): readonly Row[] {
  return Object.entries(kinds).flatMap(([kind, { shape }]) =>
    rowsOf([`\`${kind}\``], shape.is === 'map' ? shape.fields : assert.fail(kind)),
  )
}

interface Types {
  readonly records: Map<string, { readonly as: string; readonly fields: Fields }>
  readonly named: Set<string>
  /** Names that two records have. */
  readonly ambiguous: string[]
}

/** Everything the frames consist of that has a name. */
function typesIn(schemas: readonly Schema<unknown>[], types: Types): Types {
  for (const { name, shape } of schemas) {
    switch (shape.is) {
      case 'named':
        types.named.add(name)
        break
      case 'list':
        typesIn([shape.item], types)
        break
      case 'map':
      case 'tuple':
        visitRecord(name, shape, types)
        break
      case 'variants':
        // The kinds have tables of their own.
        for (const { shape: kind } of Object.values(shape.table)) {
          typesIn(kind.is === 'map' ? Object.values(kind.fields) : assert.fail(), types)
        }
        break
      default:
    }
  }
  return types
}

function visitRecord(
  name: string,
  { is, fields }: { readonly is: 'map' | 'tuple'; readonly fields: Fields },
  types: Types,
): void {
  const known = types.records.get(name)
  if (known !== undefined) {
    if (known.fields !== fields) types.ambiguous.push(name)
    return
  }
  types.records.set(name, { as: is === 'map' ? 'map' : 'list', fields })
  typesIn(Object.values(fields), types)
}

const { records, named, ambiguous } = typesIn(
  [
    ...Object.values(REQUESTS).flatMap(({ fields, result }) => [
      ...Object.values<Schema<unknown>>(fields),
      result,
    ]),
    ...[CLIENT_SIGNALS, ANSWERS, PUSHES].flatMap((table) =>
      Object.values<Layout>(table).flatMap(({ fields }) => Object.values(fields)),
    ),
  ],
  { records: new Map(), named: new Set(), ambiguous: [] },
)

/** The rows of a table without their last column, the meaning. */
function documented(table: string): readonly Row[] {
  return readTable(table).map((row) => row.slice(0, -1))
}

const number = new Intl.NumberFormat('en')

describe('PROTOCOL.md', () => {
  it('lists the requests there are, their fields and their results', () => {
    const rows = Object.entries(REQUESTS).flatMap(([name, { op, fields, result }]) =>
      rowsOf([String(op), `\`${name}\``], fields, result.name),
    )
    assert.deepEqual(documented('requests'), rows)
  })

  it('lists the signals, answers and pushes there are, and their fields', () => {
    assert.deepEqual(documented('signals'), layoutRows(CLIENT_SIGNALS))
    assert.deepEqual(documented('answers'), layoutRows(ANSWERS))
    assert.deepEqual(documented('pushes'), layoutRows(PUSHES))
  })

  it('lists the kinds of commands and events there are, and their fields', () => {
    assert.deepEqual(documented('commands'), kindRows(COMMANDS))
    assert.deepEqual(documented('events'), kindRows(eventKinds))
  })

  it('lists the records that frames consist of, by name', () => {
    const names = [...records.keys()].sort()
    const rows = names.flatMap((name) => {
      const { as, fields } = records.get(name) ?? assert.fail()
      return rowsOf([name, as], fields)
    })
    assert.deepEqual(documented('records'), rows)
  })

  it('calls no two records the same', () => {
    assert.deepEqual(ambiguous, [])
  })

  it('explains every id', () => {
    const explained = readTable('ids').map(([name]) => name)
    assert.deepEqual(
      [...named].filter((name) => !explained.includes(name)),
      [],
    )
  })

  it('lists the error codes there are', () => {
    const entries = Object.entries<ErrorCodeEntry>(ERROR_CODES)
    const rows = entries.map(([code, { status, retryable, defaultDelayMs }]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
      defaultDelayMs === undefined ? '' : `${String(defaultDelayMs)} ms`,
    ])
    assert.deepEqual(documented('errors'), rows)
  })

  it('lists the close codes there are', () => {
    const entries = Object.entries<CloseCodeEntry>(CLOSE_CODES)
    const rows = entries.map(([name, { code, resumable, defaultDelayMs }]) => [
      String(code),
      `\`${name}\``,
      resumable ? 'yes' : 'no',
      `${String(defaultDelayMs)} ms`,
    ])
    assert.deepEqual(documented('closes'), rows)
  })

  it('lists the limits and times there are', () => {
    const rows = (table: Readonly<Record<string, number>>): readonly Row[] =>
      Object.entries(table).map(([name, value]) => [`\`${name}\``, number.format(value)])
    assert.deepEqual(documented('limits'), rows(LIMITS))
    assert.deepEqual(documented('times'), rows(TIMES))
  })

  it('says of every code, limit and time what it means', () => {
    for (const table of ['errors', 'closes', 'limits', 'times', 'ids']) {
      for (const row of readTable(table))
        assert.notEqual(row.at(-1), '', `${table}: ${row.join(' ')}`)
    }
  })

  it('links to headings that exist', () => {
    const { links, anchors } = readAnchors()
    assert.ok(links.length > 10)
    assert.deepEqual(
      links.filter((link) => !anchors.includes(link)),
      [],
    )
  })

  it('shows examples that can be read, down to the results', () => {
    const client = createClientCodec('json')
    const server = createServerCodec('json')
    const asked = new Map<number, Schema<unknown>>()
    const examples = readExamples()
    assert.ok(examples.length > 20)
    for (const { from, line } of examples) {
      const [frame, ...more] = from === 'client' ? server.decode(line) : client.decode(line)
      assert.ok(frame !== undefined && more.length === 0, line)
      if (frame.type === 'unreadable') assert.fail(`${frame.error.message} in ${line}`)
      const request = Object.entries(REQUESTS).find(([name]) => name === frame.type)?.[1]
      if (request !== undefined && 'requestId' in frame) {
        assert.ok(!asked.has(frame.requestId), `request ${String(frame.requestId)} is there twice`)
        asked.set(frame.requestId, request.result)
      }
      if (frame.type === 'result') {
        const result = asked.get(frame.requestId) ?? assert.fail(line)
        assert.notEqual(result.parse(frame.value, 'json'), undefined)
      }
      if (frame.type === 'error') assert.ok(Object.hasOwn(ERROR_CODES, frame.code), line)
    }
  })
})
