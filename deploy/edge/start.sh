#!/bin/sh
# Fills in the templates from the environment and becomes nginx. As for every other process of the product, a setting can
# come from a file: SATCHEL_LINK_SECRET_FILE names one with the value of SATCHEL_LINK_SECRET.
set -eu

for name in SATCHEL_LINK_SECRET SATCHEL_S3_ACCESS_KEY SATCHEL_S3_SECRET_KEY; do
  eval "file=\${${name}_FILE:-}"
  [ -z "$file" ] || export "$name=$(cat "$file")"
  eval ": \"\${$name:?is not set}\""
done

mkdir -p "$EDGE_RUN/conf"
for template in "$EDGE_CODE"/*.template; do
  sed -e "s|\${JS_MODULE}|$JS_MODULE|g" \
    -e "s|\${EDGE_CACHE}|$EDGE_CACHE|g" \
    -e "s|\${EDGE_CACHE_MAX}|$EDGE_CACHE_MAX|g" \
    -e "s|\${EDGE_CACHE_UNUSED}|$EDGE_CACHE_UNUSED|g" \
    -e "s|\${EDGE_CONDEMNED_SECONDS}|$EDGE_CONDEMNED_SECONDS|g" \
    -e "s|\${EDGE_CODE}|$EDGE_CODE|g" \
    -e "s|\${EDGE_LISTEN}|$EDGE_LISTEN|g" \
    -e "s|\${EDGE_RESOLVER}|$EDGE_RESOLVER|g" \
    -e "s|\${EDGE_RUN}|$EDGE_RUN|g" \
    -e "s|\${EDGE_SITE}|$EDGE_SITE|g" \
    -e "s|\${EDGE_TRUSTED_PROXY}|$EDGE_TRUSTED_PROXY|g" \
    -e "s|\${GATEWAYS_ADDRESS}|$GATEWAYS_ADDRESS|g" \
    -e "s|\${STORE_ADDRESS}|$STORE_ADDRESS|g" \
    -e "s|\${STORE_BUCKET}|$SATCHEL_S3_BUCKET|g" \
    "$template" > "$EDGE_RUN/conf/$(basename "$template" .template)"
done

exec nginx -e stderr -c "$EDGE_RUN/conf/nginx.conf" -g 'daemon off;'
