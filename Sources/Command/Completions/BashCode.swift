extension BashCompletion {
  /// The code that reads the table. It never evaluates a name from the queue.
  static let code = #"""
    # Splits what is typed so far into `words`. Bash also splits at : = and @, which names may have.
    _larkspur_words() {
      local word glued=''
      words=()
      for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if ((${#words[@]} > 1)) && [[ $word =~ ^[:=@]+$ || $glued ]]; then
          # After a space, a new word begins.
          if [[ -z $word && ${COMP_LINE:0:${COMP_POINT:-0}} == *' ' ]]; then
            words+=('')
          else
            words[${#words[@]}-1]+=$word
          fi
        else
          words+=("$word")
        fi
        glued=''
        if [[ $word =~ ^[:=@]+$ ]]; then glued=1; fi
      done
    }

    # Sets `plain` to the word without its quotes, and `quote` to the one that is still open.
    _larkspur_unquote() {
      local text=$1 letter
      plain='' quote=''
      if [[ $text == '~/'* ]]; then plain=$HOME text=${text:1}; fi
      while [[ $text ]]; do
        letter=${text:0:1} text=${text:1}
        case $quote$letter in
          \'\' | \"\") quote='' ;;
          \'?) plain+=$letter ;;
          \"\\)
            if [[ $text == [\"\\\$\`]* ]]; then letter=${text:0:1} text=${text:1}; fi
            plain+=$letter ;;
          \"?) plain+=$letter ;;
          \\) plain+=${text:0:1} text=${text:1} ;;
          \' | \") quote=$letter ;;
          *) plain+=$letter ;;
        esac
      done
    }

    # Prints the names in the queue that begin with `plain`.
    _larkspur_names() {
      local given=$plain quote plain program
      _larkspur_unquote "${words[0]}"
      program=$plain
      if ! type -P -- "$program" >/dev/null; then program=larkspur; fi
      "$program" completions values "$1" ${db:+--db "$db"} ${account:+--account "$account"} \
        -- "$given" 2>/dev/null
    }

    # Offers the lines of standard input that begin with `plain`, quoted as the word is.
    _larkspur_offer() {
      local text before=''
      # Bash replaces only what follows the last of these.
      if [[ -z $quote ]]; then before=${plain%"${plain##*[:=@]}"}; fi
      while IFS= read -r text; do
        [[ $text == "$plain"* ]] || continue
        text=${text#"$before"}
        case $quote in
          \') [[ $text == *\'* ]] && continue ;;
          \")
            [[ $text == *!* ]] && continue
            text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//\$/\\\$} text=${text//\`/\\\`} ;;
          *) printf -v text %q "$text" ;;
        esac
        COMPREPLY+=("$text")
      done
    }

    # Offers what the table calls `words a b`, `names lanes`, `files` or `folders`.
    _larkspur_source() {
      local -a list
      read -r -a list <<<"$1"
      case ${list[0]-} in
        words) _larkspur_offer < <(printf '%s\n' "${list[@]:1}") ;;
        names) _larkspur_offer < <(_larkspur_names "${list[1]}") ;;
        files) compopt -o default 2>/dev/null ;;
        folders) compopt -o dirnames 2>/dev/null ;;
      esac
    }

    # Reads the words before the last one: the context, what the user has said of the queue, and
    # the option whose value comes next.
    _larkspur_read() {
      local i word plain quote
      for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        _larkspur_unquote "${words[i+1]}"
        if [[ $closed || $word != -?* ]]; then
          if ((operands == 0)) && _larkspur_table "${context:+$context }$word"; then
            context+=${context:+ }$word
          else
            operands=$((operands + 1))
          fi
          continue
        fi
        if [[ $word == -- ]]; then
          closed=1
          continue
        fi
        _larkspur_table "$context"
        case $word in
          --db=*)
            _larkspur_unquote "${word#*=}"
            db=$plain ;;
          --account=*)
            _larkspur_unquote "${word#*=}"
            account=$plain ;;
          --wait) if [[ $plain == [0-9]* ]]; then i=$((i + 1)); fi ;;
          *)
            [[ $takes == *" $word "* ]] || continue
            i=$((i + 1))
            if ((i == ${#words[@]} - 1)); then
              option=$word
              return
            fi
            case $word in
              --db) db=$plain ;;
              --account) account=$plain ;;
            esac ;;
        esac
      done
    }

    _larkspur() {
      local -a words
      local IFS=$' \t\n'
      local context='' closed='' option='' db='' account='' operands=0
      local next operand many options takes value plain quote word
      COMPREPLY=()
      _larkspur_words
      _larkspur_read
      word=${words[${#words[@]}-1]}
      if [[ -z $option && -z $closed && $word == --*=* ]]; then
        option=${word%%=*} word=${word#*=}
      fi
      _larkspur_unquote "$word"
      _larkspur_table "$context" "$option"
      if [[ $option ]]; then
        _larkspur_source "$value"
      elif [[ -z $closed && $word == -* ]]; then
        _larkspur_source "words $options"
      elif [[ $next ]]; then
        if ((operands == 0)); then _larkspur_source "words $next"; fi
      elif [[ $many ]] || ((operands == 0)); then
        _larkspur_source "$operand"
      fi
    }

    complete -F _larkspur larkspur
    """#
}
