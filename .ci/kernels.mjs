/**
 * Builds the WebAssembly kernels: every `…/kernel/NAME.as.ts` of the project (AssemblyScript) becomes
 *
 *   NAME.wasm      the module, committed, the same on every machine
 *   NAME.wasm.ts   the same bytes as base64 with their sha256, so that browser doors bundle
 *
 *   npm run kernels              writes them
 *   npm run kernels -- --check   builds again and compares bit for bit; exits 1 with a sentence
 *
 * A kernel has no imports, no decorators (prettier cannot read them) and no heap: its buffers are
 * `memory.data(…)`, its memory is exported. `edge/kernel` instantiates it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import asc from 'assemblyscript/asc';

const SUFFIX = '.as.ts';
const FLAGS = ['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd'];
const LEFT_OUT = ['node_modules', '.git', '.vitalshare'];

const root = process.cwd();
const check = process.argv.includes('--check');
const sources = walk(root).filter((path) => path.split(sep).at(-2) === 'kernel');
const faults = [];

for (const source of sources) {
  const name = relative(root, source).split(sep).join('/');
  const base = source.slice(0, -SUFFIX.length);
  const wasm = await compile(source, name);
  const results = [
    [`${base}.wasm`, wasm],
    [`${base}.wasm.ts`, Buffer.from(moduleOf(wasm, name.split('/').at(-1)))],
  ];
  for (const [path, bytes] of results) {
    if (!check) writeFileSync(path, bytes);
    else if (!existsSync(path) || !bytes.equals(readFileSync(path))) {
      faults.push(`${relative(root, path)} is not what ${name} compiles to`);
    }
  }
  console.log(`${name}: ${wasm.length} bytes, sha256 ${sha256(wasm)}`);
}
if (sources.length === 0) faults.push('no kernel sources were found here');
for (const fault of faults) console.error(`kernels: ${fault}; run npm run kernels and commit it.`);
process.exit(faults.length > 0 ? 1 : 0);

async function compile(source, name) {
  let wasm;
  const { error, stderr } = await asc.main(['k.ts', '--outFile', 'k.wasm', ...FLAGS], {
    readFile: (path) => (path === 'k.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (_, contents) => void (wasm = Buffer.from(contents)),
    listFiles: () => [],
  });
  if (error || !wasm) {
    console.error(`kernels: ${name} does not compile:\n${stderr.toString()}`);
    process.exit(1);
  }
  return wasm;
}

function moduleOf(wasm, name) {
  return `/** Made by \`npm run kernels\` from ${name}; ${wasm.length} bytes. */
export const WASM_SHA256 = '${sha256(wasm)}';
export const WASM_BASE64 =
  '${wasm.toString('base64')}';
`;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.includes(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.name.endsWith(SUFFIX) ? [path] : [];
  });
}
