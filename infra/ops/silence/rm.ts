import { nearest } from '../../../functions/core/kit/nearest.ts';
import { countText } from '../count.ts';
import { defineCommand, OpsError, usageError } from '../command.ts';
import { nameProblem } from '../folder-files.ts';
import { openPlace, readSilences, SOURCE_OPTIONS } from '../source.ts';

export const command = defineCommand({
  usage: '[NAME] [--ended]',
  about:
    'Removes a silence: within a minute chats get again what it held back. With --ended, all that have ended, which hold nothing any more.',
  examples: ['npm run -s ops -- silence rm rollout', 'npm run -s ops -- silence rm --ended'],
  positionals: ['[NAME]'],
  options: {
    ended: { about: 'All silences that have ended.' },
    'dry-run': { about: 'Say what would be removed, and remove nothing.' },
    ...SOURCE_OPTIONS,
  },
  async run(args, io) {
    const [name] = args.positionals;
    if ((name === undefined) !== args.flag('ended')) throw usageError('expected either NAME or --ended');
    // Made by hand, a parameter may lie deeper than a silence can.
    const problem = name?.split('/').flatMap((part) => nameProblem(part) ?? [])[0];
    if (problem !== undefined) throw usageError(problem);
    const place = await openPlace(args);
    const now = io.clock.now();
    const ended = async (): Promise<readonly string[]> =>
      (await readSilences(place, now)).silences.filter(({ until }) => until <= now).map((each) => each.name);
    const names = name === undefined ? await ended() : [name];
    const isDryRun = args.flag('dry-run');
    const isThere = async (each: string): Promise<boolean> =>
      (await place.documents.read('silences', [each])).has(each);
    for (const each of names) {
      if (!(await (isDryRun ? isThere(each) : place.removeSilence(each)))) {
        const near = nearest(each, [...(await place.documents.list('silences')).keys()]);
        throw new OpsError(`there is no silence ${each}${near === undefined ? '' : ` (did you mean ${near}?)`}`);
      }
      if (args.json) io.out(JSON.stringify({ silence: each, removed: !isDryRun }));
    }
    io.err(`${isDryRun ? 'would remove' : 'removed'} ${name ?? countText(names.length, 'silence')}`);
    return 0;
  },
});
