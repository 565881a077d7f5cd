import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './run.ts';

/** Copies the artifacts (`group:artifact:version`) and all that they need at run time into the folder. */
export async function copyMavenDependencies(folder: string, artifacts: readonly string[]): Promise<void> {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  const project = join(folder, 'pom.xml');
  await writeFile(
    project,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>test</artifactId><version>1</version>
<dependencies>${dependencies.join('')}</dependencies></project>
`,
  );
  await maven(['dependency:copy-dependencies', `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'], folder);
}

/** Unpacks a zip artifact (`group:artifact:version`) that holds one folder, and puts that folder's content in `folder`. */
export async function unpackMavenZip(folder: string, artifact: string): Promise<void> {
  const work = join(folder, 'work');
  const unpacked = join(work, 'unpacked');
  await mkdir(unpacked, { recursive: true });
  // Without a project Maven leaves a folder with its notes, named `${project.basedir}`, where it runs.
  await maven(['dependency:unpack', `-Dartifact=${artifact}:zip`, `-DoutputDirectory=${unpacked}`], work);
  const [root] = await readdir(unpacked);
  if (root === undefined) throw new Error(`${artifact} is empty`);
  for (const entry of await readdir(join(unpacked, root)))
    await rename(join(unpacked, root, entry), join(folder, entry));
  await rm(work, { recursive: true });
}

/** Does the same with a tar.gz artifact, whose long names Maven itself would cut. */
export async function unpackMavenTar(folder: string, artifact: string): Promise<void> {
  const work = join(folder, 'work');
  await mkdir(work);
  await maven(['dependency:copy', `-Dartifact=${artifact}:tar.gz`, `-DoutputDirectory=${work}`], work);
  const archive = (await readdir(work)).find((name) => name.endsWith('.tar.gz'));
  if (archive === undefined) throw new Error(`${artifact} is no tar.gz`);
  await run('tar', ['-xzf', join(work, archive), '--strip-components=1', '-C', folder]);
  await rm(work, { recursive: true });
}

async function maven(args: readonly string[], cwd: string): Promise<void> {
  await run('mvn', ['-q', '-B', '-ntp', ...args], { cwd });
}
