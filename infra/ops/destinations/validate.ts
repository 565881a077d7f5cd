import { readStack, notDeployed, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readDeployed, readOne } from '../aws/store.ts';
import { defineCommand } from '../command.ts';
import { checkDestination, parseId, problemLine, type FileProblem } from '../folder.ts';
import { withFlag } from './write.ts';
import { typeProblem } from '../sinks.ts';
import { warn } from '../warnings.ts';
import { countText } from '../count.ts';

export const command = defineCommand({
  usage: '[TYPE/NAME]',
  about:
    'Checks the deployed destinations and their secrets by the schema the functions use. Prints one line per mistake: parameter, field, what is wrong, what is allowed.',
  examples: ['npm run -s ops -- destinations validate'],
  positionals: ['[TYPE/NAME]'],
  options: STACK_OPTIONS,
  async run(args, io) {
    const [id] = args.positionals;
    if (id !== undefined) parseId(id);
    const deployed = await readStack(args);
    const store = openStore(deployed);
    const sources = id === undefined ? await readDeployed(store, 'with secrets') : [await readOne(store, id)];
    const problems: FileProblem[] = [];
    for (const source of sources) {
      const { file, type } = source;
      const unknown = typeProblem(type);
      if (unknown !== undefined) problems.push({ file, field: '', message: unknown });
      else {
        problems.push(...(await checkDestination(source)).map(withFlag(source)));
        await warn(source, io);
      }
      if (unknown === undefined && !deployed.sinks.some(({ owner }) => owner === type)) {
        problems.push({ file, field: '', message: notDeployed(type) });
      }
    }
    for (const problem of problems) io.out(args.json ? JSON.stringify(problem) : problemLine(problem));
    io.err(`${countText(sources.length, 'destination')}, ${countText(problems.length, 'mistake')}`);
    return problems.length === 0 ? 0 : 1;
  },
});
