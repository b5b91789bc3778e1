/**
 * ESLint visitors that call `check` for each module a file names, in whatever kind of import or export.
 *
 * @param {(node: import('estree').Node, specifier: string, isType: boolean) => void} check
 * @returns {import('eslint').Rule.RuleListener}
 */
export function visitImports(check) {
  /**
   * @param {import('estree').Node} node
   * @param {import('estree').Node | null | undefined} source
   */
  const visit = (node, source) => {
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return
    const isTypeImport = 'importKind' in node && node.importKind === 'type'
    const isTypeExport = 'exportKind' in node && node.exportKind === 'type'
    check(node, source.value, isTypeImport || isTypeExport)
  }
  return {
    ImportDeclaration: (node) => visit(node, node.source),
    ExportAllDeclaration: (node) => visit(node, node.source),
    ExportNamedDeclaration: (node) => visit(node, node.source),
    ImportExpression: (node) => visit(node, node.source),
  }
}
