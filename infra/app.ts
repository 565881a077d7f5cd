import { App } from 'aws-cdk-lib';
import { loadConfigs } from './discover.ts';
import { ContextError, parseSettings } from './stack/settings.ts';
import { KubeCourierStack } from './stack/stack.ts';

try {
  const app = new App();
  new KubeCourierStack(app, { settings: parseSettings(app.node.getAllContext(), await loadConfigs()) });
  app.synth();
} catch (error) {
  if (!(error instanceof ContextError)) throw error;
  process.stderr.write(`The context (cdk.json or --context) cannot be used:\n${error.message}\n`);
  process.exitCode = 1;
}
