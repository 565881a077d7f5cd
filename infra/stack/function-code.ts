import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Bundle } from '../bundles.ts';
import { writeFunction } from '../function-files.ts';

/** A function's code, made while the stack is: neither Docker nor a build step before the deployment. */
export function functionCode(bundle: Bundle): Code {
  // Any folder that there is: what counts is what is written.
  return Code.fromAsset(import.meta.dirname, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Required by the type, used by nobody: the local bundling always answers.
      image: DockerImage.fromRegistry('scratch'),
      // Assets of one folder with equal options are built once: without this, all functions would be the first one.
      environment: { BUNDLE: bundle.entry },
      local: {
        tryBundle(folder) {
          writeFunction(bundle, folder);
          return true;
        },
      },
    },
  });
}
