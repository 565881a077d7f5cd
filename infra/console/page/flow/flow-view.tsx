import { useApp, useInability, useSay } from '../foundation/app.ts';
import { rate } from '../foundation/format.ts';
import { useStore } from '../foundation/use-store.ts';
import { Cannot, Empty, Problem } from '../shared/states.tsx';
import { LedgerEquation } from './ledger.tsx';
import { ReceiverControl } from './receiver.tsx';
import { Sparkline } from './sparkline.tsx';
import { RelayCard, StageCard } from './stage.tsx';

/** The pipeline from left to right, and the ledger below it. */
export function FlowView() {
  const say = useSay();
  const app = useApp();
  const flow = useStore(app.flow);
  const problem = useStore(app.flowProblem);
  const rates = useStore(app.rates);
  const noLedger = useInability('ledger');
  const noReceiver = useInability('receiver');
  if (!flow) {
    return (
      <div class="page">
        <h1>{say('flow.title')}</h1>
        {problem === undefined ? <Empty>{say('flow.waitingForFirst')}</Empty> : <Problem failure={problem} />}
      </div>
    );
  }
  const { clusters, stages, ledger, at, eventsPerSecond } = flow;
  const routers = stages.filter(({ owner }) => owner === 'router');
  const sinks = stages.filter(({ owner }) => owner !== 'router');
  const inMessages = stages.filter(({ unit }) => unit === 'messages').map(({ owner }) => owner);
  const isFlowing = eventsPerSecond === undefined || eventsPerSecond > 0;
  return (
    <div class="page">
      <header class="page-head">
        <h1>{say('flow.title')}</h1>
        {eventsPerSecond !== undefined && (
          <div class="rate">
            <Sparkline rates={rates} />
            <span class="rate-figure">
              <b>{rate(eventsPerSecond)}</b> {say('flow.perSecond')}
            </span>
          </div>
        )}
      </header>
      {problem !== undefined && <Problem failure={problem} />}
      <section class={`pipeline${isFlowing ? ' is-flowing' : ''}`} aria-label={say('flow.pipeline')}>
        <h2 class="hidden">{say('flow.pipeline')}</h2>
        <ul class="pipeline-column">
          {clusters.map((cluster) => (
            <RelayCard key={cluster.cluster} flow={cluster} now={at} />
          ))}
          {clusters.length === 0 && <li class="stage is-empty">{say('flow.noClusters')}</li>}
        </ul>
        <span class="pipe" aria-hidden="true" />
        <ul class="pipeline-column">
          {routers.map((stage) => (
            <StageCard key={stage.owner} stage={stage} />
          ))}
        </ul>
        <span class="pipe" aria-hidden="true" />
        <ul class="pipeline-column is-sinks">
          {sinks.map((stage) => (
            <StageCard key={stage.owner} stage={stage} />
          ))}
          {sinks.length === 0 && <li class="stage is-empty">{say('flow.noStages')}</li>}
        </ul>
      </section>
      {inMessages.length > 0 && <p class="note">{say('flow.messages', { owners: inMessages.join(', ') })}</p>}
      {ledger && <LedgerEquation ledger={ledger} />}
      {noLedger && <Cannot inability={noLedger} />}
      {!noReceiver && <ReceiverControl />}
    </div>
  );
}
