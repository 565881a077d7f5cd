import { useState } from 'preact/hooks';
import type { DestinationDetail } from '../../contract.ts';
import { useApp, useInability, useMay, useSay } from '../foundation/app.ts';
import { Cannot, Empty } from '../shared/states.tsx';
import { Tabs } from '../shared/tabs.tsx';
import { FieldHelp } from './field-help.tsx';
import { JsonEditor } from './json-editor.tsx';
import { Playground } from './playground.tsx';
import { PreviewList } from './preview.tsx';
import { Problems } from './problems.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { StateTag } from './state-tag.tsx';
import { TestDialog } from './test-dialog.tsx';
import { useCheck } from './use-check.ts';
import { Versions } from './versions.tsx';

interface Props {
  /** Without a version where it is not there yet. */
  readonly detail: DestinationDetail;
  readonly onChanged: () => void;
}

const TABS = ['preview', 'playground', 'fields', 'versions'] as const;
const VERDICT = 'check-verdict';

/** A destination's document, and beside it what it would do. */
export function Editor({ detail, onChanged }: Props) {
  const say = useSay();
  const { id, version, secrets } = detail;
  const isNew = version === '';
  const noEdit = useInability('edit') ?? detail.noEdit;
  const noTest = useInability('test');
  const mayEdit = useMay('edit') && !detail.noEdit;
  const mayTest = useMay('test');
  const { drafts } = useApp();
  const draft = `${id} ${version}`;
  const [text, setText] = useState(drafts.get(draft) ?? detail.text);
  const [tab, setTab] = useState<(typeof TABS)[number]>('preview');
  const [asking, setAsking] = useState<'save' | 'test'>();
  const checked = useCheck(id, text);
  const isChanged = isNew || text !== detail.text;
  const maySave = mayEdit && isChanged && !checked.isChecking && checked.check?.problems.length === 0;
  const save = (): void => {
    if (maySave) setAsking('save');
  };
  const type = (next: string): void => {
    setText(next);
    if (next === detail.text) drafts.delete(draft);
    else drafts.set(draft, next);
  };
  const saved = (): void => {
    drafts.delete(draft);
    onChanged();
  };
  const close = (): void => setAsking(undefined);
  return (
    <article class="editor">
      <header class="editor-head">
        <div>
          <h2>{id}</h2>
          <p class="quiet">
            {isNew ? say('state.new') : say('editor.version', { version })}
            {isChanged && !isNew && <span class="is-changed"> · {say('editor.changed')}</span>}
          </p>
        </div>
        {!isNew && <StateTag state={detail.state} />}
        <div class="actions">
          {mayTest && !isNew && (
            <button type="button" class="button" onClick={() => setAsking('test')}>
              {say('editor.test')}
            </button>
          )}
          {mayEdit && (
            <>
              <button type="button" class="button" disabled={text === detail.text} onClick={() => type(detail.text)}>
                {say('editor.reset')}
              </button>
              <button type="button" class="button is-main" disabled={!maySave} onClick={save}>
                {say('editor.save')}
              </button>
            </>
          )}
        </div>
      </header>
      {detail.problem !== undefined && <p class="note is-wrong">{detail.problem}</p>}
      {noEdit && <Cannot inability={noEdit} />}
      {noTest && <Cannot inability={noTest} />}
      <div class="editor-body">
        <section class="editor-text">
          <JsonEditor
            label={say('editor.label', { id })}
            text={text}
            isReadOnly={!mayEdit}
            problems={checked.check?.problems ?? []}
            describedBy={VERDICT}
            onInput={type}
            onSave={save}
          />
          <Problems id={VERDICT} text={text} checked={checked} />
          <p class="quiet">
            {secrets.length > 0 ? say('editor.secrets', { names: secrets.join(', ') }) : say('editor.noSecrets')}
          </p>
        </section>
        <Tabs
          label={say('editor.tabs')}
          tabs={TABS.map((value) => ({ value, title: say(`tab.${value}`) }))}
          chosen={tab}
          onChoose={setTab}
        >
          {tab === 'fields' && <FieldHelp schema={detail.schema} />}
          {tab === 'versions' && <Versions detail={detail} onRolledBack={onChanged} />}
          {tab === 'preview' && checked.check && <PreviewList type={id.split('/')[0] ?? ''} check={checked.check} />}
          {tab === 'playground' && checked.check && <Playground check={checked.check} />}
          {(tab === 'preview' || tab === 'playground') && !checked.check && <Empty>{say('editor.checking')}</Empty>}
        </Tabs>
      </div>
      {asking === 'save' && (
        <SaveDialog
          request={{ id, text, basedOn: version }}
          before={isNew ? '' : detail.text}
          onSaved={saved}
          close={close}
        />
      )}
      {asking === 'test' && <TestDialog id={id} close={close} />}
    </article>
  );
}
