import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfigs, projectFolder } from '../../infra/discover.ts';
import { parseSettings } from '../../infra/stack/settings.ts';
import { KubeCourierStack } from '../../infra/stack/stack.ts';

const { context: projectContext }: { readonly context: Readonly<Record<string, unknown>> } = JSON.parse(
  readFileSync(join(projectFolder, 'cdk.json'), 'utf8'),
);
const configs = await loadConfigs();

export type Context = Readonly<Record<string, unknown>>;

/** The stack as cdk.json and a context make it, its functions' code left unbuilt. Its synthesis validates the template. */
export function createStack(
  context: Context = {},
  builtinCloudFormationValidation = true,
): { readonly app: App; readonly stack: KubeCourierStack } {
  const merged = { ...projectContext, 'aws:cdk:bundling-stacks': [], ...context };
  const app = new App({ context: merged, builtinCloudFormationValidation });
  return { app, stack: new KubeCourierStack(app, { settings: parseSettings(merged, configs) }) };
}

/** Its template, not validated: that takes seconds of processor time, and the suite of cdk-nag does it. */
export function synthesise(context: Context = {}): Template {
  return Template.fromStack(createStack(context, false).stack);
}

/** A value of a template as text: references by the name of what they refer to. */
export function plainText(value: unknown): string {
  const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = Object(value);
  if (Array.isArray(join)) return join[1].map(plainText).join('');
  if (Array.isArray(attribute)) return attribute.join('.');
  return String(ref ?? value);
}
