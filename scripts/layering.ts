import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { parseSync, Visitor } from 'vite';
import { judge, zones, type Breach, type Import } from './layers.ts';

/**
 * Reads every import of every source file: static, re-exported, dynamic, type-only and `require`.
 * @param file path relative to the root, for the answers
 * @throws when the file does not parse: a file that cannot be read must not pass as one without imports
 */
export function importsOf(file: string, source: string): Import[] {
  const parsed = parseSync(file, source);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`);

  const found: { specifier: string; at: number; typeOnly: boolean }[] = [];
  for (const one of parsed.module.staticImports) {
    const typeOnly = one.entries.length > 0 && one.entries.every((entry) => entry.isType);
    found.push({ specifier: one.moduleRequest.value, at: one.start, typeOnly });
  }
  for (const one of parsed.module.staticExports) {
    for (const entry of one.entries) {
      if (entry.moduleRequest)
        found.push({ specifier: entry.moduleRequest.value, at: one.start, typeOnly: entry.isType });
    }
  }
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') {
        found.push({ specifier: node.source.value, at: node.start, typeOnly: false });
      }
    },
    TSImportType(node) {
      found.push({ specifier: node.source.value, at: node.start, typeOnly: true });
    },
    CallExpression(node) {
      const [argument] = node.arguments;
      const required = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (required && argument?.type === 'Literal' && typeof argument.value === 'string') {
        found.push({ specifier: argument.value, at: node.start, typeOnly: false });
      }
    },
  }).visit(parsed.program);

  return found.map(({ specifier, at, typeOnly }) => ({
    file,
    line: source.slice(0, at).split('\n').length,
    specifier: builtinModules.includes(specifier) ? `node:${specifier}` : specifier,
    typeOnly,
  }));
}

/** Every source file of the layered folders, relative to the root, with forward slashes. */
export function sourceFiles(root: string): string[] {
  const folders = zones.map((zone) => zone.folder).filter((folder) => !folder.includes('/'));
  return folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,tsx,mts,cts,js,mjs,cjs,jsx}`, {
      cwd: root,
      exclude: ['**/node_modules/**', '**/dist/**'],
    })
      .map((path) => path.replaceAll('\\', '/'))
      .toSorted(),
  );
}

/** Holds every import of the repository against the table of layers. */
export function checkLayering(root: string): { files: number; imports: number; breaches: Breach[] } {
  const files = sourceFiles(root);
  const imports = files.flatMap((file) => importsOf(file, readFileSync(`${root}/${file}`, 'utf8')));
  return {
    files: files.length,
    imports: imports.length,
    breaches: imports.map(judge).filter((breach) => breach !== undefined),
  };
}
