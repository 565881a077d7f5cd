import axios from 'axios';

import { listOf, recordOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type HttpServer } from '../http-server.ts';

/**
 * Datadog's log intake, as VictoriaLogs has it. That wants texts as attributes, where Datadog takes any JSON: on its way there
 * the nested event becomes a text. Nothing else is changed but that it is unpacked; no key is checked.
 * @param url of VictoriaLogs
 */
export function startDatadogFront(url: string): Promise<HttpServer> {
  return startHttpServer(async ({ method, path, headers, body }) => {
    const logs = listOf(JSON.parse(body)).map(recordOf);
    const { status, data } = await axios.request<string>({
      method,
      url: `${url}/insert/datadog${path}`,
      headers: { 'content-type': headers['content-type'] },
      data: JSON.stringify(logs.map((log) => ({ ...log, k8s_event: JSON.stringify(log['k8s_event']) }))),
      proxy: false,
      responseType: 'text',
      transformResponse: [],
      validateStatus: () => true,
    });
    return { status, body: data };
  });
}
