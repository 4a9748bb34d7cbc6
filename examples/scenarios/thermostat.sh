#!/bin/sh
# A thermostat with a console: the smallest device under test there can be.
heating=off
reading=20
printf 'thermostat> '
while read -r command value; do
  case $command in
  temperature)
    reading=$value
    if [ "$reading" -lt 18 ]; then heating=on; else heating=off; fi
    printf 'heating: %s\n' "$heating"
    ;;
  state) printf 'reading: %s\nheating: %s\n' "$reading" "$heating" ;;
  *) printf 'unknown command: %s\n' "$command" ;;
  esac
  printf 'thermostat> '
done
