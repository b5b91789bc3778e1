# One image for every role: what a container is follows from its command. Unless told otherwise it is the whole product in
# one process, with its data in /data:
#
#   docker build -t satchel .
#   docker run --init -p 127.0.0.1:7700:7700 -v satchel:/data -e SATCHEL_DEV_SIGN_IN=on satchel

FROM node:22.23.3-bookworm-slim AS dependencies
WORKDIR /satchel
COPY package.json package-lock.json .npmrc ./
COPY protocol/package.json protocol/
COPY protocol/client/package.json protocol/client/
COPY chat-core/package.json chat-core/
COPY gateway/package.json gateway/
COPY media-worker/package.json media-worker/
COPY loadtest/package.json loadtest/
# Under the Node that will run it, so that native packages are the right ones; without the Node that the root's
# package.json brings to machines that have another.
RUN npm ci --omit=dev --workspace=chat-core --workspace=gateway --workspace=media-worker

FROM node:22.23.3-bookworm-slim
# For the media worker: without it video and audio are handed out as they came.
RUN apt-get update && apt-get install --yes --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Satchel" \
  org.opencontainers.image.description="A realtime chat server whose messages carry media" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION"
ENV NODE_ENV=production \
  SATCHEL_HOST=0.0.0.0 \
  SATCHEL_PORT=7700 \
  SATCHEL_DATA_DIR=/data
WORKDIR /satchel
# Nothing but these folders is ever written to, and /tmp. Volumes that are mounted here first take their owner over.
RUN install --directory --owner=node --group=node /data /secrets/gateway /secrets/links /secrets/store
COPY --from=dependencies /satchel/node_modules node_modules
COPY . .
USER node
VOLUME /data
EXPOSE 7700
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "deploy/container/health-check.js"]
CMD ["node", "gateway/src/main.ts"]
