#!/usr/bin/env node
const [major = 0] = process.versions.node.split('.').map(Number);
const LEAST = 24;

if (major >= LEAST) {
  // Loaded only here: an earlier Node might not be able to read it.
  const { runCommand } = await import('./command.ts');
  await runCommand(process.argv.slice(2));
} else {
  process.stderr.write(`kube-courier needs Node ${LEAST} or later, this is ${process.version}\n`);
  process.exitCode = 1;
}
