import { useId } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly isRequired?: boolean;
  readonly isNumber?: boolean;
  readonly pattern?: string;
  readonly hint?: string;
}

export function TextField({ label, value, set, isRequired = false, isNumber = false, pattern, hint }: Props) {
  const id = useId();
  return (
    <div class="text-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="field"
        type="text"
        inputMode={isNumber ? 'numeric' : 'text'}
        value={value}
        required={isRequired}
        pattern={isNumber ? '[1-9][0-9]*' : pattern}
        title={hint}
        placeholder={hint}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => set(event.currentTarget.value)}
      />
    </div>
  );
}
