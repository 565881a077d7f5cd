import type { AwsAccess } from '../contract/sink.ts';
import type { Environment } from './environment.ts';

/**
 * The region and the keys of this process. Lambda puts both into the environment, where the SDK, too, looks first. Where they are
 * not there, the SDK finds them: it is loaded only then.
 */
export function createProcessAccess(env: Environment = process.env): AwsAccess {
  let chain: AwsAccess['credentials'] | undefined;
  return {
    async region() {
      if (env['AWS_REGION']) return env['AWS_REGION'];
      const { loadConfig, NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS } =
        await import('@smithy/core/config');
      return loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)();
    },
    async credentials() {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
      if (accessKeyId && secretAccessKey && !env['AWS_PROFILE']) {
        const sessionToken = env['AWS_SESSION_TOKEN'];
        return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
      }
      if (!chain) {
        const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
        chain ??= defaultProvider();
      }
      return chain();
    },
  };
}
