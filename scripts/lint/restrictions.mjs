// House rules that a selector can express; eslint.config.js says where each list holds.

export const everywhere = [
  {
    selector: 'ClassDeclaration[superClass]:not([superClass.name=/Error$/])',
    message: 'No inheritance but from Error: compose.',
  },
  {
    selector: ':matches(PropertyDefinition, MethodDefinition)[accessibility]',
    message: 'Private is #private; everything else is public.',
  },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use an object `as const`.',
  },
]

const now = 'Take the time from the clock you are given.'

/** What makes a module act differently from one run to the next. */
export const inSource = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: now },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: now },
  { selector: "MemberExpression[object.name='performance'][property.name='now']", message: now },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
]

const pure = 'The domain is pure: time, chance and I/O come in as arguments.'

export const inDomain = [
  { selector: "Identifier[name='Date']", message: pure },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: pure },
  {
    selector:
      'Identifier[name=/^(crypto|performance|setTimeout|setInterval|setImmediate|queueMicrotask|fetch)$/]',
    message: pure,
  },
  { selector: ':function[async=true], AwaitExpression', message: pure },
]

const processMessage = 'Only main.ts looks at the process; pass in what is needed.'

export const processGlobals = [
  { name: 'process', message: processMessage },
  { name: 'global', message: 'Use globalThis, or better an argument.' },
]

export const processImports = [
  { name: 'node:process', message: processMessage },
  { name: 'process', message: processMessage },
]

const lockedMessage =
  'Take it from sandbox/locked-sharp.ts, which shuts out the decoders that are not needed.'

/** What a media worker has from one module only. */
export const lockedImports = [{ name: 'sharp', allowTypeImports: true, message: lockedMessage }]
export const lockedLazyImports = [
  { selector: 'ImportExpression[source.value="sharp"]', message: lockedMessage },
]
