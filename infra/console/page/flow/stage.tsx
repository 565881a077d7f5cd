import type { ClusterFlow, Stage } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { duration, rate, whole } from '../foundation/format.ts';
import { Icon } from '../shared/icons.tsx';

export function RelayCard({ flow, now }: { readonly flow: ClusterFlow; readonly now: string }) {
  const say = useSay();
  const { cluster, lastHeartbeat, relayVersion, problems } = flow;
  const seconds = lastHeartbeat === undefined ? undefined : (Date.parse(now) - Date.parse(lastHeartbeat)) / 1000;
  return (
    <li class={`stage${problems.length > 0 ? ' has-problems' : ''}`}>
      <header>
        <span class="stage-kind">{say('flow.relay')}</span>
        <h3>{cluster}</h3>
      </header>
      <dl>
        <Figure
          label={say('flow.heartbeat')}
          value={seconds === undefined ? say('flow.noHeartbeat') : say('time.ago', { time: duration(seconds) })}
        />
        <Figure label={say('flow.version')} value={relayVersion ?? '–'} />
      </dl>
      <Problems of={problems} />
    </li>
  );
}

export function StageCard({ stage }: { readonly stage: Stage }) {
  const say = useSay();
  const { owner, waiting, inFlight, oldestSeconds, letters, delivered, filtered, retried, perSecond } = stage;
  const isRouter = owner === 'router';
  return (
    <li class={`stage${stage.problems.length > 0 ? ' has-problems' : ''}${stage.isPaused ? ' is-paused' : ''}`}>
      <header>
        <h3>{isRouter ? say('flow.router') : owner}</h3>
        {stage.isPaused && <span class="tag">{say('flow.paused')}</span>}
        <span class="stage-rate">
          {perSecond === undefined ? '–' : rate(perSecond)} <small>{say('flow.perSecond')}</small>
        </span>
      </header>
      <dl>
        <Figure label={say('flow.waiting')} value={whole(waiting)} isLoud={waiting > 0} />
        <Figure label={say('flow.inFlight')} value={whole(inFlight)} />
        <Figure label={say('flow.oldest')} value={oldestSeconds === undefined ? '–' : duration(oldestSeconds)} />
        {delivered !== undefined && <Figure label={say('flow.delivered')} value={whole(delivered)} />}
        {filtered !== undefined && <Figure label={say('flow.filtered')} value={whole(filtered)} />}
        {retried !== undefined && <Figure label={say('flow.retried')} value={whole(retried)} isLoud={retried > 0} />}
        <Figure label={say('flow.letters')} value={whole(letters)} isBad={letters > 0} />
      </dl>
      <Problems of={stage.problems} />
    </li>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly isLoud?: boolean;
  readonly isBad?: boolean;
}

function Figure({ label, value, isLoud = false, isBad = false }: FigureProps) {
  return (
    <div class={`figure${isLoud ? ' is-loud' : ''}${isBad ? ' is-bad' : ''}`}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Problems({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <ul class="stage-problems">
      {of.map((text) => (
        <li key={text}>
          <Icon name="warning" />
          {text}
        </li>
      ))}
    </ul>
  );
}
