#!/bin/sh
# A weather station that answers in JSON.
printf 'weather> '
while read -r command; do
  case $command in
  measure) printf '{"temperature": 21.5, "unit": "C"}\n' ;;
  *) printf '{"error": "unknown command"}\n' ;;
  esac
  printf 'weather> '
done
