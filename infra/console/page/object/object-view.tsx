import type { Timeline } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { duration } from '../foundation/format.ts';
import type { ViewProps } from '../foundation/route.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { objectText, type ObjectName } from '../shared/object-text.ts';
import { Command, Empty, Problem } from '../shared/states.tsx';
import { FindObject } from './find.tsx';
import { TimelineList } from './timeline.tsx';

/** What happened to one object. Without one in the address, asks for it. */
export function ObjectView({ names }: ViewProps) {
  const [cluster, kind, namespace, name] = names;
  if (cluster === undefined || kind === undefined || namespace === undefined || name === undefined)
    return <FindObject />;
  return <ObjectTimeline object={{ cluster, kind, namespace, name }} />;
}

function ObjectTimeline({ object }: { readonly object: ObjectName }) {
  const say = useSay();
  const { api } = useApp();
  const { cluster, kind, namespace, name } = object;
  const query = { cluster, kind, namespace, name };
  const { value, error, isLoading, reload } = useLoaded(JSON.stringify(query), (signal) =>
    api.get<Timeline>('/api/object', query, signal),
  );
  const first = value?.events[0];
  const last = value?.events.at(-1);
  const seconds = first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 1000 : 0;
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>{objectText(object)}</h1>
          <p class="quiet">
            {cluster}
            {value && value.events.length > 0 && (
              <> · {say('object.since', { n: value.events.length, time: duration(seconds) })}</>
            )}
          </p>
        </div>
        <button type="button" class="button" disabled={isLoading} onClick={reload}>
          {say('refresh')}
        </button>
      </header>
      {error !== undefined && <Problem failure={error} retry={reload} />}
      {isLoading && !value && <Empty>{say('loading')}</Empty>}
      {value?.earlier !== undefined && (
        <div class="cannot">
          <p>{say('object.earlier')}</p>
          <Command text={value.earlier} />
        </div>
      )}
      {value?.events.length === 0 && <Empty>{say('object.none')}</Empty>}
      {value && value.events.length > 0 && (
        <TimelineList events={value.events} label={say('object.of', { object: objectText(object) })} />
      )}
    </div>
  );
}
