import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Courier } from './courier.ts';
import type { Settings } from './settings.ts';

/** The stack that is deployed from a clone, and by the command of the npm package: nothing else is in it. */
export class KubeCourierStack extends Stack {
  constructor(scope: Construct, { settings }: { readonly settings: Settings }) {
    super(scope, settings.stackName, {
      description: 'kube-courier: carries Kubernetes events to chats, stores and queues',
    });
    // By this id it has no part in the names of what is in it.
    new Courier(this, 'Default', settings);
  }
}
