// Prints the closing line of a test run. A skipped or absent test counts as a failure: nothing here may pass by not running.
import { readFileSync } from 'node:fs';

const [file, vitestStatus, checkFailed] = process.argv.slice(2);
let report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
try {
  report = JSON.parse(readFileSync(file, 'utf8'));
} catch (error) {
  console.error(`The test runner left no report: ${error.message}`);
}
const skipped = report.numPendingTests + report.numTodoTests;
const brokenFiles = report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0);
for (const f of brokenFiles) console.error(`did not load: ${f.name}\n${f.message}`);
let failed = report.numFailedTests + brokenFiles.length + skipped + Number(checkFailed);
if (skipped > 0) console.error(`${skipped} skipped tests count as failed`);
if (Number(checkFailed)) console.error('scripts/check.sh found faults; they count as one failed test');
if (failed === 0 && (Number(vitestStatus) !== 0 || report.numPassedTests === 0)) failed = 1;
console.log(`${report.numPassedTests + (Number(checkFailed) ? 0 : 1)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
