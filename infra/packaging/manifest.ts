import own from '../../package.json' with { type: 'json' };

/** Where the package's files are built, relative to the project; in the package the folder has the same name. */
export const PACKAGE_FOLDER = 'dist/npm';

const library = { types: `./${PACKAGE_FOLDER}/construct.d.cts`, default: `./${PACKAGE_FOLDER}/construct.cjs` };
const { 'aws-cdk-lib': cdk, constructs } = own.dependencies;

/**
 * The package.json of the npm package. A clone's has what all is built from; the package has that built in, but for the CDK's
 * command line, and for the CDK itself: whoever uses the construct has an app, with the one CDK that there may be in it.
 */
export const packedManifest = {
  name: own.name,
  version: own.version,
  description: own.description,
  license: own.license,
  keywords: ['kubernetes', 'events', 'aws', 'cdk', 'alerting'],
  type: 'module',
  bin: { 'kube-courier': `${PACKAGE_FOLDER}/main.mjs` },
  main: library.default,
  types: library.types,
  exports: { '.': library, './package.json': './package.json' },
  files: [PACKAGE_FOLDER, 'CHANGELOG.md'],
  engines: own.engines,
  dependencies: { 'aws-cdk': own.devDependencies['aws-cdk'] },
  peerDependencies: { 'aws-cdk-lib': `^${cdk}`, constructs: `^${constructs}` },
  peerDependenciesMeta: { 'aws-cdk-lib': { optional: true }, constructs: { optional: true } },
};
