#!/bin/sh
# Make the namespace of TEMPORAL_NAMESPACE on the server of TEMPORAL_ADDRESS, unless it is there. May be repeated.
set -eu

: "${TEMPORAL_ADDRESS:?set TEMPORAL_ADDRESS}"
: "${TEMPORAL_NAMESPACE:?set TEMPORAL_NAMESPACE}"

# The port opens before the cluster takes requests.
patience=60
until temporal operator cluster health; do
    patience=$((patience - 1))
    if [ "$patience" -le 0 ]; then
        echo "Temporal at $TEMPORAL_ADDRESS is not healthy after two minutes; its log says why." >&2
        exit 1
    fi
    sleep 2
done

# 30 days after its end a process leaves Temporal; its records stay.
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 720h

# Other parts of the cluster learn of a new namespace a little later.
patience=60
until temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 &&
    temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1 >/dev/null 2>&1; do
    patience=$((patience - 1))
    if [ "$patience" -le 0 ]; then
        echo "The namespace $TEMPORAL_NAMESPACE does not answer after two minutes." >&2
        exit 1
    fi
    sleep 2
done
echo "The namespace $TEMPORAL_NAMESPACE is ready."
