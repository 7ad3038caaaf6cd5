import { defineConfig, type OxlintOverride } from 'oxlint';
import { packages, testPackages, zones, type Zone } from './scripts/layers.ts';

type Rule = NonNullable<NonNullable<OxlintOverride['rules']>['no-restricted-imports']>;
type Options = Extract<Extract<Rule, readonly unknown[]>[1], { patterns?: unknown }>;
type Pattern = Extract<NonNullable<Options['patterns']>, readonly unknown[]>[number];

const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const escaped = (text: string): string => text.replace(/[/.*+?^${}()|[\]\\]/g, '\\$&');
const foldersOf = (zone: Zone): string[] => zone.mayImport.map(({ folder }) => folder);

/** The table of layers for one folder, as the linter's rule: the sentence appears in the editor, at the import. */
function restrictedImports(zone: Zone, tests: boolean): Rule {
  const others = zones.map(({ folder }) => folder).filter((folder) => !folder.includes('/'));
  const closed = others
    .filter((folder) => !inside(zone.folder, folder) && !foldersOf(zone).some((open) => inside(open, folder)))
    .filter((folder) => !(tests && folder === 'scripts'));
  const patterns: Pattern[] = closed.map((folder) => ({
    regex: `^(\\.\\./)+${escaped(folder)}/`,
    message: `${zone.sentence}.`,
  }));
  for (const { folder, types } of zone.mayImport) {
    const [top] = folder.split('/');
    if (folder !== top && !inside(zone.folder, top ?? '')) {
      patterns.push({ group: [`**/${top}/**`, `!**/${folder}/**`], message: `${zone.sentence}.` });
    }
    if (types && !tests)
      patterns.push({
        regex: `^(\\.\\./)+${escaped(folder)}/`,
        allowTypeImports: true,
        message: `${zone.sentence}.`,
      });
  }
  if (!zone.node && !tests) patterns.push({ regex: '^node:', message: `${zone.sentence}.` });
  const foreign = Object.entries(packages).filter(
    ([, homes]) => !homes.some((home) => touches(home, zone.folder)),
  );
  for (const [name, homes] of foreign) {
    patterns.push({
      regex: `^${escaped(name)}(/|$)`,
      message: `${name} is imported only in ${homes.join(', ')}.`,
    });
  }
  if (!tests) {
    for (const name of testPackages)
      patterns.push({ regex: `^${escaped(name)}(/|$)`, message: `${name} is for tests only.` });
  }
  return ['error', { patterns }];
}

/** A package whose home lies somewhere inside a zone is left to `npm run check`, which knows the exact folder. */
const touches = (home: string, zone: string): boolean => inside(zone, home) || inside(home, zone);

const layers: OxlintOverride[] = zones
  .filter((zone) => !zone.tooling)
  .toSorted((a, b) => a.folder.length - b.folder.length)
  .flatMap((zone) => [
    { files: [`${zone.folder}/**`], rules: { 'no-restricted-imports': restrictedImports(zone, false) } },
    {
      files: [`${zone.folder}/**/*.test.{ts,tsx}`, `${zone.folder}/**/testing/**`],
      rules: { 'no-restricted-imports': restrictedImports(zone, true) },
    },
  ]);

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  options: { typeAware: true },
  ignorePatterns: ['dist/**', '.cache/**', '.data/**'],
  categories: { correctness: 'error' },
  rules: {
    // Types that mean something.
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    'typescript/consistent-type-imports': 'error',
    'typescript/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    'typescript/no-misused-spread': 'off', // spreading a string into its letters is what is meant
    'typescript/unbound-method': 'off', // our objects are closures: no `this` to lose
    'promise/no-callback-in-promise': 'off',
    'vitest/no-conditional-expect': 'off', // properties say "if it is accepted, then"
    'typescript/no-unsafe-unary-minus': 'off', // money is a branded number, and negating it is bookkeeping

    // Nothing is lost on the way: no promise without an owner, no error without a reader.
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'no-empty': ['error', { allowEmptyCatch: false }],
    'no-empty-function': 'off',
    'no-console': 'error',

    // One way of writing it.
    eqeqeq: ['error', 'always'],
    'no-var': 'error',
    'prefer-const': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/prefer-node-protocol': 'error',
    'import/no-default-export': 'error',
    'import/no-cycle': 'error',
    'max-lines': ['error', { max: 500 }],

    // A test that does not run proves nothing; one that cannot fail neither.
    'vitest/no-focused-tests': 'error',
    'vitest/no-disabled-tests': 'error',
    'vitest/require-to-throw-message': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }], // the second says which of many failed
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'assert*', 'fc.assert'] }],
  },
  overrides: [
    {
      files: ['renderer/**', 'portal/**'],
      plugins: ['react', 'jsx-a11y'],
      rules: {
        'react/rules-of-hooks': 'error',
        'react/exhaustive-deps': 'error',
        'jsx-a11y/prefer-tag-over-role': 'off', // a live region is a role, whatever its element
        // The options of a list box are reached with the keys of the field above it, and by the mouse.
        'jsx-a11y/no-noninteractive-element-to-interactive-role': 'off',
        'jsx-a11y/click-events-have-key-events': 'off',
        'jsx-a11y/no-noninteractive-tabindex': 'off', // a region that scrolls must be reachable with the keys
        'jsx-a11y/control-has-associated-label': 'off', // takes every cell of a grid for a control
      },
    },
    {
      files: ['scripts/**', 'server/cli/**', 'main/demo/**', 'test/bench/**'],
      rules: { 'no-console': 'off' },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    ...layers,
  ],
});
