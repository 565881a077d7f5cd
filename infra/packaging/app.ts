import settings from '../../cdk.json' with { type: 'json' };
import { synthesise } from '../synthesise.ts';

// The rules of CloudFormation are 10 MB, which the package does not bring; CloudFormation itself checks as well.
await synthesise({ context: settings.context, builtinCloudFormationValidation: false });
