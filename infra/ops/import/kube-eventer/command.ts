import { defineCommand } from '../../command.ts';
import { readText } from '../../events.ts';
import { writeDrafts } from '../write.ts';
import { importKubeEventer } from './import.ts';

export const command = defineCommand({
  usage: 'FILE --out DIR',
  about:
    "Reads kube-eventer's Deployment (with its ConfigMaps and Secrets, if they are in the file), or a file with its flags, and writes a folder of destinations. What could not be carried over, was corrected or is to be filled in goes to standard error, one line each. Secrets are written under secrets/ only.",
  examples: [
    'kubectl -n kube-system get deployment/kube-eventer configmap/custom-webhook-body -o yaml > kube-eventer.yaml\n  npm run -s ops -- import kube-eventer kube-eventer.yaml --out destinations',
  ],
  positionals: ['FILE'],
  options: {
    out: { value: 'DIR', about: 'The folder to write; existing files are never changed.' },
    'mysql-legacy': { about: "Go on in kube-eventer's MySQL table, with its columns, instead of in ours." },
  },
  async run(args, io) {
    const [file = ''] = args.positionals;
    const out = args.required('out');
    const text = file === '-' ? await io.stdin() : await readText(file);
    const imported = importKubeEventer(text, file, { isMysqlLegacy: args.flag('mysql-legacy') });
    return writeDrafts(imported, { out, json: args.json }, io);
  },
});
