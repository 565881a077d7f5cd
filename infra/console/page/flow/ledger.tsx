import type { Ledger } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { whole } from '../foundation/format.ts';
import { Icon } from '../shared/icons.tsx';

const TERMS = ['delivered', 'filtered', 'letters', 'waiting'] as const;

/** What came in and what became of it, as an equation. */
export function LedgerEquation({ ledger }: { readonly ledger: Ledger }) {
  const say = useSay();
  const { seen, missing, events, retried, replayed } = ledger;
  return (
    <section class={`panel ledger${missing === 0 ? '' : ' is-broken'}`} aria-labelledby="ledger-title">
      <header class="panel-head">
        <h2 id="ledger-title">{say('ledger.title')}</h2>
        <span class="quiet">{say('ledger.unit', { n: events })}</span>
      </header>
      <p class="equation">
        <Term value={seen} label={say('ledger.seen')} kind="seen" />
        {TERMS.map((term, index) => (
          <span key={term} class="joined">
            <span class="operator">{index === 0 ? '=' : '+'}</span>
            <Term value={ledger[term]} label={say(`flow.${term}`)} kind={term} />
          </span>
        ))}
        {missing !== 0 && (
          <span class="joined">
            <span class="operator">+</span>
            <Term value={missing} label={say('ledger.missing')} kind="missing" />
          </span>
        )}
      </p>
      <p class="ledger-verdict">
        <Icon name={missing === 0 ? 'delivered' : 'critical'} />
        {missing === 0 ? say('ledger.balances') : say('ledger.broken', { n: missing })}
        <span class="quiet">{say('ledger.besides', { retried, replayed })}</span>
      </p>
    </section>
  );
}

function Term({ value, label, kind }: { readonly value: number; readonly label: string; readonly kind: string }) {
  return (
    // A colour says that there is something.
    <span class={value === 0 ? 'term' : `term is-${kind}`}>
      <b>{whole(value)}</b>
      <span>{label}</span>
    </span>
  );
}
