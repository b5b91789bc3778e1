import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { declaredPackagesRule } from './scripts/lint/declared-packages-rule.mjs'
import { fileNameRule } from './scripts/lint/file-name-rule.mjs'
import { importRule } from './scripts/lint/import-rule.mjs'
import {
  everywhere,
  inDomain,
  inSource,
  lockedImports,
  lockedLazyImports,
  processGlobals,
  processImports,
} from './scripts/lint/restrictions.mjs'

const source = ['{protocol,chat-core,gateway,media-worker}/**/*.{ts,tsx}', 'loadtest/src/**/*.ts']
const tests = ['**/test/**']

// Where a process begins: the one place that may look at `process`. `*-main.ts` is the start of a child process.
const mains = ['**/main.ts', '**/*-main.ts']
const clocks = ['**/clock.ts', '**/*-clock.ts']

export default defineConfig(
  {
    ignores: ['**/node_modules', '**/dist', '**/fixtures', '.services', 'artifacts', 'coverage'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    plugins: {
      satchel: {
        rules: {
          'declared-packages': declaredPackagesRule,
          'file-name': fileNameRule,
          'import-table': importRule,
        },
      },
    },
    rules: {
      'satchel/declared-packages': 'error',
      'satchel/file-name': 'error',
      'satchel/import-table': 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      // TypeScript knows which names exist, and per folder which platform they come from.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
      // An async function without await turns what it throws into a rejection: an embedded adapter's way.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: source,
    ignores: tests,
    rules: {
      complexity: ['error', 12],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...everywhere, ...inSource],
      'no-restricted-globals': ['error', ...processGlobals],
      'no-restricted-imports': ['error', ...processImports],
      'no-console': 'error',
    },
  },
  {
    files: ['media-worker/src/**'],
    ignores: ['media-worker/src/sandbox/locked-sharp.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: lockedImports }],
      'no-restricted-syntax': ['error', ...everywhere, ...inSource, ...lockedLazyImports],
    },
  },
  {
    files: ['chat-core/src/domain/**'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...inSource, ...inDomain] },
  },
  {
    files: [...clocks, 'gateway/web/**', 'loadtest/**'],
    ignores: ['chat-core/src/domain/**'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  {
    // The declarations of k6 say that its options are classes; it takes plain objects, and has no constructors.
    files: ['loadtest/k6/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: mains,
    rules: {
      'no-restricted-syntax': ['error', ...everywhere],
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-console': 'off',
    },
  },
  {
    files: tests,
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
)
