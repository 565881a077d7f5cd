import { commandCases, KIND_OF_VALUE, LISTS, secondWordCases } from './cases.ts';
import { firstWords, SHELLS, type Words } from './words.ts';

/** A script for bash, from 3.2 on, which macOS has. */
export function bashScript(words: Words): string {
  return `# Completion of kube-courier's ops for bash: as ops (an alias or a function), and as kube-courier ops.
_kube_courier_ops() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local sinks='${words.sinks.join(' ')}'
  local options= positional= kind= ${LISTS.map((list) => `${list}=`).join(' ')}
  local before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=()
  # bash takes --option=value apart.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ \${COMP_WORDS[0]##*/} == kube-courier ]]; then
    if ((\${#before[@]} == 0)); then COMPREPLY=($(compgen -W ops -- "$cur")); return; fi
    [[ \${before[0]} == ops ]] || return 0
    before=("\${before[@]:1}")
  fi
  case "\${before[0]-} \${before[1]-}" in
${commandCases(words)}
  esac
  if [[ -z $options ]]; then
    if ((\${#before[@]} == 0)); then options='${firstWords(words).join(' ')} --help --version'; fi
    if ((\${#before[@]} == 1)); then case \${before[0]} in
${secondWordCases(words)}
    esac; fi
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
${KIND_OF_VALUE}
  case $kind in
    file) compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur")) ;;
    destination) compopt -o nospace 2>/dev/null; COMPREPLY=($(compgen -S / -W "$sinks" -- "$cur")) ;;
    owner) COMPREPLY=($(compgen -W "$sinks router" -- "$cur")) ;;
    sink) COMPREPLY=($(compgen -W "$sinks" -- "$cur")) ;;
    shell) COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$cur")) ;;
    free) ;;
    *) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
  esac
}
complete -F _kube_courier_ops ops kube-courier
`;
}
