import { basename } from 'node:path'

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.[a-z]+$/
const namesThatSayNothing = /^(utils?|helpers?|common|misc|types|manager)\./

/**
 * The ESLint rule `satchel/file-name`: kebab-case, named after what is in the file.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const fileNameRule = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const name = basename(context.filename)
    return {
      Program(node) {
        if (!kebabCase.test(name)) context.report({ node, message: `${name} is not kebab-case.` })
        if (namesThatSayNothing.test(name)) {
          context.report({ node, message: `${name} says nothing; name it after its main export.` })
        }
      },
    }
  },
}
