import { ERROR_CODES } from '@satchel/protocol'
import type { AnyApiOperation } from '../../src/http/api/api-operation.ts'
import { jsonSchemaOf, type Components, type JsonSchema } from './json-schema-of.ts'

/** The description of the HTTP API (OpenAPI 3.1), from the operations themselves. */
export function openapiDocument(operations: readonly AnyApiOperation[]): JsonSchema {
  const components: Components = new Map()
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const operation of operations) {
    const path = (paths[operation.url] ??= {})
    path[operation.method.toLowerCase()] = describe(components, operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Satchel',
      version: '1',
      description:
        'For backends: a server key may do anything on behalf of any user, named by `Satchel-User` (percent-encoded where it is not ASCII). A user’s token may do what that user may do. Ids are base64url, times milliseconds since 1970.',
    },
    paths,
    components: {
      schemas: { ...Object.fromEntries(components), error: ERROR },
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', description: 'A user’s token or a server key.' },
        server: { type: 'http', scheme: 'bearer', description: 'A server key.' },
      },
    },
  }
}

const ERROR: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'details'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERROR_CODES) },
        message: { type: 'string' },
        details: { type: 'object' },
      },
    },
  },
}

function describe(components: Components, operation: AnyApiOperation): JsonSchema {
  const { id, summary, permission, capability, body, status, result } = operation
  const needs = capability === undefined ? '' : ` Tokens need the capability \`${capability}\`.`
  const requestBody =
    body === undefined
      ? {}
      : { requestBody: { required: true, content: jsonContent(jsonSchemaOf(components, body)) } }
  return {
    operationId: id,
    summary: `${summary}${needs}`,
    security: [{ [permission]: [] }],
    parameters: parametersOf(components, operation),
    ...requestBody,
    responses: {
      [String(status)]: {
        description: 'Done.',
        content: jsonContent(jsonSchemaOf(components, result)),
      },
      default: {
        description: 'Refused; the code says why.',
        content: jsonContent({ $ref: '#/components/schemas/error' }),
      },
    },
  }
}

function parametersOf(
  components: Components,
  { path, query, method }: AnyApiOperation,
): readonly JsonSchema[] {
  const inPath = Object.entries(path).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: jsonSchemaOf(components, schema),
  }))
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    ...(schema.shape.is === 'list' ? { style: 'form', explode: false } : {}),
    schema: jsonSchemaOf(components, schema),
  }))
  const headers = [{ name: 'Satchel-User', in: 'header', schema: { type: 'string' } }]
  const once = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } }
  return [...inPath, ...inQuery, ...headers, ...(method === 'GET' ? [] : [once])]
}

function jsonContent(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } }
}
