import { commandCases, KIND_OF_VALUE, LISTS, secondWordCases } from './cases.ts';
import { firstWords, SHELLS, type Words } from './words.ts';

/** A script for zsh, to be sourced, or to be put into a folder of `fpath` as `_kube-courier`. */
export function zshScript(words: Words): string {
  return `#compdef ops kube-courier
# Completion of kube-courier's ops for zsh: as ops (a function, since zsh expands an alias first), and as kube-courier ops.
_kube_courier_ops() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1]
  local sinks='${words.sinks.join(' ')}'
  local options= positional= kind= ${LISTS.map((list) => `${list}=`).join(' ')}
  local -a before
  before=(\${words[2,CURRENT-1]})
  if [[ \${words[1]:t} == kube-courier ]]; then
    if (( \${#before} == 0 )); then compadd -- ops; return; fi
    [[ $before[1] == ops ]] || return 1
    before=(\${before[2,-1]})
  fi
  case "$before[1] $before[2]" in
${commandCases(words)}
  esac
  if [[ -z $options ]]; then
    if (( \${#before} == 0 )); then options='${firstWords(words).join(' ')} --help --version'; fi
    if (( \${#before} == 1 )); then case $before[1] in
${secondWordCases(words)}
    esac; fi
    compadd -- \${=options}
    return
  fi
${KIND_OF_VALUE}
  case $kind in
    file) _files ;;
    folder) _files -/ ;;
    destination) compadd -S / -- \${=sinks} ;;
    owner) compadd -- \${=sinks} router ;;
    sink) compadd -- \${=sinks} ;;
    shell) compadd -- ${SHELLS.join(' ')} ;;
    free) ;;
    *) compadd -- \${=options} ;;
  esac
}
if (( ! $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
compdef _kube_courier_ops ops kube-courier
`;
}
