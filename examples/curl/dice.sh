#!/bin/sh
# Rolls a die once a second and publishes the result to the channel with this URL. The token is in CRIER_PUBLISH_TOKEN.
# curl tries again after a failure. The key makes that safe: Crier stores each roll once.
while sleep 1; do
  roll=$(($(od -An -N1 -tu1 /dev/urandom) % 6 + 1))
  curl -sS -o /dev/null --fail-with-body --retry 10 --retry-connrefused \
    -H "Authorization: Bearer $CRIER_PUBLISH_TOKEN" -H "Idempotency-Key: dice-$$-$(date +%s)" -d "$roll" "$1"
done
