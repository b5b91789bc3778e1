import { schema, type Fields, type Schema, type Shape } from '@satchel/protocol'

/** A JSON Schema (2020-12), as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Gathers the schemas that have a name, so that each is written once. */
export type Components = Map<string, JsonSchema>

/** The JSON Schema of what a schema of the wire reads and writes in JSON. */
export function jsonSchemaOf(components: Components, wire: Schema<unknown>): JsonSchema {
  const { shape, name } = wire
  switch (shape.is) {
    case 'text':
      return { type: 'string', maxLength: shape.max, description: name }
    case 'choice':
      return { type: 'string', enum: [...shape.values] }
    case 'named':
      return { type: 'string', description: name }
    case 'integer':
      return { type: 'integer', minimum: shape.min, maximum: shape.max }
    case 'boolean':
      return { type: 'boolean' }
    case 'unchecked':
      return {}
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64url', description: name }
    case 'json':
      return { type: 'object', description: name }
    default:
      return compositeOf(components, shape, name)
  }
}

function compositeOf(
  components: Components,
  shape: Extract<Shape, { readonly is: 'list' | 'map' | 'tuple' | 'variants' }>,
  name: string,
): JsonSchema {
  switch (shape.is) {
    case 'list':
      return { type: 'array', maxItems: shape.max, items: jsonSchemaOf(components, shape.item) }
    case 'map':
      return named(components, name, () => objectOf(components, shape.fields))
    case 'tuple': {
      const fields = Object.values(shape.fields)
      return { type: 'array', prefixItems: fields.map((field) => jsonSchemaOf(components, field)) }
    }
    case 'variants':
      return { oneOf: variantsOf(components, shape.tag, shape.table) }
    default:
      return shape satisfies never
  }
}

function variantsOf(components: Components, tag: string, table: Fields): readonly JsonSchema[] {
  return Object.entries(table).map(([kind, variant]) => {
    const fields = variant.shape.is === 'map' ? variant.shape.fields : {}
    return objectOf(components, { [tag]: schema.oneOf([kind]), ...fields })
  })
}

function objectOf(components: Components, fields: Fields): JsonSchema {
  const entries = Object.entries(fields)
  const required = entries.filter(([, field]) => field.optional !== true).map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([key, field]) => [key, jsonSchemaOf(components, field)]),
    ),
    ...(required.length === 0 ? {} : { required }),
  }
}

function named(components: Components, name: string, make: () => JsonSchema): JsonSchema {
  if (name === 'map') return make()
  const key = name.replaceAll(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase())
  if (!components.has(key)) components.set(key, make())
  return { $ref: `#/components/schemas/${key}` }
}
