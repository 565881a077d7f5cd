import { Annotations, App, type AppProps } from 'aws-cdk-lib';
import { loadConfigs, sinkTypes } from './discover.ts';
import { findingsBefore } from './ops/before-deployment.ts';
import { ContextError, parseSettings } from './stack/settings.ts';
import { withSettingsFile } from './stack/settings-file.ts';
import { KubeCourierStack } from './stack/stack.ts';

/** The CDK's app: the stack by the settings of its user's file and of context. What cannot be used is said on standard error. */
export async function synthesise(props: AppProps = {}): Promise<void> {
  try {
    const app = new App(props);
    const { context, file, overridden } = withSettingsFile(app.node.getAllContext(), sinkTypes());
    const settings = parseSettings(context, await loadConfigs());
    const stack = new KubeCourierStack(app, { settings });
    const notes = Annotations.of(stack);
    for (const name of overridden)
      notes.addWarningV2('kube-courier:overridden', `${name} in ${file} does not count: context has another value`);
    for (const { severity, text } of await findingsBefore(settings, process.env)) {
      if (severity === 'error') notes.addError(text);
      else notes.addWarningV2('kube-courier:before-deployment', text);
    }
    app.synth();
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    process.stderr.write(`The settings (kube-courier.json, or --context) cannot be used:\n${error.message}\n`);
    process.exitCode = 1;
  }
}
