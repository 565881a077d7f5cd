import { defineCommand } from './command.ts';
import { checkDestination, problemLine, readFolder } from './folder.ts';
import { checkSilences } from './silence/check.ts';
import { warn } from './warnings.ts';
import { countText } from './count.ts';

/** SSM's limit for the standard tier: larger documents cost a little. */
const STANDARD_BYTES = 4096;

export const command = defineCommand({
  usage: '--folder DIR',
  about:
    'Checks every destination, secret and silence in a folder against the same schema as the functions use. Prints one line per mistake: file, field, what is wrong, what is allowed.',
  examples: ['npm run -s ops -- validate --folder destinations'],
  options: {
    folder: {
      value: 'DIR',
      about:
        'A folder with destinations/<type>/<name>.json or .yaml, secrets/<type>/<name>.json and silences/<name>.json.',
    },
  },
  async run(args, io) {
    const folder = args.required('folder');
    const { destinations, problems } = await readFolder(folder);
    const found = [
      ...problems,
      ...(await Promise.all(destinations.map(checkDestination))).flat(),
      ...(await checkSilences(folder, io.clock.now())),
    ];
    for (const problem of found) io.out(args.json ? JSON.stringify(problem) : problemLine(problem));
    for (const source of destinations) {
      const { file, text } = source;
      await warn(source, io);
      const bytes = Buffer.byteLength(text);
      if (bytes > STANDARD_BYTES) {
        io.err(
          `${file}: ${bytes} bytes: above ${STANDARD_BYTES} the parameter is of the advanced tier, which is not free`,
        );
      }
    }
    io.err(`${countText(destinations.length, 'destination')}, ${countText(found.length, 'mistake')}`);
    return found.length === 0 ? 0 : 1;
  },
});
