import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import axios from 'axios';
import { startElasticsearch } from '../services/elasticsearch.ts';
import { sinksFolder } from '../sink-under-test.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startElasticsearch();
  const { username, password } = server;
  const template = JSON.parse(await readFile(join(sinksFolder, 'elasticsearch/index-template.json'), 'utf8'));
  const http = axios.create({ baseURL: server.url, auth: { username, password } });
  await http.put('/_index_template/every-sink', { ...template, index_patterns: ['every-sink*'] });
  return {
    document: { endpoint: server.url, mode: 'daily', index: 'every-sink', username },
    secrets: { password },
    async ids() {
      await http.post('/every-sink*/_refresh');
      const { data } = await http.post('/every-sink*/_search?size=10000', { _source: false });
      const hits: { _id: string }[] = data.hits.hits;
      return hits.map(({ _id }) => _id);
    },
    stop: () => server.stop(),
  };
}
