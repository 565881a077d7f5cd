import { defineCommand } from '../../command.ts';
import { readText } from '../../events.ts';
import { writeDrafts } from '../write.ts';
import { importEventExporter } from './import.ts';

export const command = defineCommand({
  usage: 'FILE --out DIR',
  about:
    "Reads kubernetes-event-exporter's configuration (the file itself, its ConfigMap or Secret, or the values of its chart; with the Deployment for environment variables) and writes a folder of destinations whose filters give the same verdicts as its route tree. What could not be carried over goes to standard error, one line each. Secrets are written under secrets/ only.",
  examples: ['npm run -s ops -- import kubernetes-event-exporter config.yaml --out destinations'],
  positionals: ['FILE'],
  options: { out: { value: 'DIR', about: 'The folder to write; existing files are never changed.' } },
  async run(args, io) {
    const [file = ''] = args.positionals;
    const out = args.required('out');
    const text = file === '-' ? await io.stdin() : await readText(file);
    return writeDrafts(importEventExporter(text, file), { out, json: args.json }, io);
  },
});
