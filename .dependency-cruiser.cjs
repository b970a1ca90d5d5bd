/**
 * The floors of the house, and the privacy promise as an edge of the import graph.
 * `.ci/floors.test.ts` plants one offence against each rule and sees it found.
 */
const ROOMS = {
  edge: [],
  hardware: ['edge'],
  'cloud-sink': ['edge'],
  gateway: ['edge', 'cloud-sink'],
  simulator: ['edge', 'hardware', 'cloud-sink', 'gateway'],
};
const tests = '\\.(test|contract|fixture|vectors)\\.ts$|/vectors/|/bench/';

module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, below]) => ({
      name: `floor-${room}`,
      comment: `${room} may import ${below.join(', ') || 'nothing of ours'}`,
      severity: 'error',
      from: { path: `^${room}/`, pathNot: tests },
      to: {
        path: '^(edge|hardware|cloud-sink|gateway|simulator)/',
        pathNot: `^(${[room, ...below].join('|')})/`,
      },
    })),
    {
      name: 'gateway-takes-messages-and-drawing-only',
      severity: 'error',
      from: { path: '^gateway/', pathNot: tests },
      to: { path: '^cloud-sink/', pathNot: '^cloud-sink/(messages|drawing)/' },
    },
    {
      name: 'servers-cannot-open',
      comment: 'No data-server or gateway code can reach the function that opens shares.',
      severity: 'error',
      from: { path: '^(gateway|cloud-sink/(data-server|messages))/', pathNot: tests },
      to: {
        path: '^(edge/sharing/(open|decode)|cloud-sink/elgamal/logarithm)\\.ts$',
        reachable: true,
      },
    },
    {
      name: 'gateway-cannot-derive',
      severity: 'error',
      from: { path: '^gateway/', pathNot: tests },
      to: { path: '^edge/sharing/(derive|zero|random|repair)\\.ts$', reachable: true },
    },
    {
      name: 'only-data-servers-repair',
      comment: 'What interpolates at a server is nobody else’s, and leads to nothing that opens.',
      severity: 'error',
      from: { path: '^(cloud-sink/(reader|messages)|edge/sharing/open\\.ts)', pathNot: tests },
      to: { path: '^edge/sharing/repair\\.ts$', reachable: true },
    },
    {
      name: 'repair-cannot-open',
      severity: 'error',
      from: { path: '^edge/sharing/repair\\.ts$' },
      to: { path: '^edge/sharing/(open|decode)\\.ts$', reachable: true },
    },
    {
      name: 'rooms-by-their-doors',
      comment: 'Across rooms only by package name, never by a path.',
      severity: 'error',
      from: { path: '^(edge|hardware|cloud-sink|gateway|simulator)/', pathNot: tests },
      to: {
        path: '^(edge|hardware|cloud-sink|gateway|simulator)/',
        pathNot: '^$1/',
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    {
      name: 'no-test-help-in-the-product',
      severity: 'error',
      from: { pathNot: `${tests}|^vitest` },
      to: { path: '\\.(fixture|contract|test)\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/(?!@vitalshare)|\\.as\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    preserveSymlinks: false,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
