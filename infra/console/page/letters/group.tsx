import type { LetterGroup, LetterSample } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { dateClock } from '../foundation/format.ts';
import { age } from '../shared/age.ts';
import { objectRoute, objectText } from '../shared/object-text.ts';
import { SeverityTag } from '../shared/severity.tsx';

export function LetterGroupCard({ group, replay }: { readonly group: LetterGroup; readonly replay?: () => void }) {
  const say = useSay();
  const { owner, code, destination, count, oldest, advice, samples } = group;
  return (
    <section class="panel letters" aria-label={`${code}, ${destination}`}>
      <header class="panel-head">
        <h2>
          <code class="code-tag">{code}</code> {destination}
        </h2>
        <span class="quiet">{owner}</span>
        <span class="letters-figures">
          <b>{say('letters.count', { n: count })}</b>
          <span class="quiet">{say('letters.oldest', { time: age(oldest) })}</span>
        </span>
        {replay && (
          <button type="button" class="button" onClick={replay}>
            {say('replay.open')}
          </button>
        )}
      </header>
      {advice !== undefined && <p class="advice">{advice}</p>}
      {samples.length > 0 && (
        <details class="document">
          <summary>{say('letters.samples', { n: samples.length })}</summary>
          <ul class="samples">
            {samples.map((sample, index) => (
              <Sample key={index} sample={sample} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Sample({ sample: { failedAt, detail, attempts, replays, event } }: { readonly sample: LetterSample }) {
  const say = useSay();
  return (
    <li>
      <p class="sample-head">
        {event ? (
          <>
            <SeverityTag of={event.severity} />
            <b>{event.reason}</b>
            <a class="link" href={objectRoute(event)}>
              {objectText(event)}
            </a>
          </>
        ) : (
          <span class="quiet">{say('letters.unreadable')}</span>
        )}
        <time class="quiet" dateTime={failedAt}>
          {dateClock(failedAt)}
        </time>
        <span class="quiet">
          {say('letters.attempts', { n: attempts })}
          {replays > 0 && `, ${say('letters.replays', { n: replays })}`}
        </span>
      </p>
      <p class="sample-detail mono">{detail}</p>
    </li>
  );
}
