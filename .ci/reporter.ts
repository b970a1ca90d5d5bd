/**
 * Closes a test run with one plain line, `N passed, N failed, N skipped`, that any log reader
 * understands, and lists what was skipped with its reason.
 * With `VITALSHARE_NO_SKIP=1` (set by `.ci/run`) a skipped test is a failure.
 */
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      // A file that did not even load has no tests; it counts as one failure.
      if (module.state() === 'failed' && module.children.size === 0) count.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') count.passed++;
        else if (state === 'failed') count.failed++;
        else {
          count.skipped++;
          skipped.push(`skipped: ${module.relativeModuleId}: ${test.fullName}`);
        }
      }
    }
    for (const line of skipped) console.log(line);
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
    if (process.env['VITALSHARE_NO_SKIP'] === '1' && count.skipped > 0) {
      console.log(
        'This run may skip nothing: start .ci/services and put the recordings beside it.',
      );
      process.exitCode = 1;
    }
  }
}
