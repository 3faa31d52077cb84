# One image per app: docker build --build-arg APP=tickets .
# A machine without Docker walks these steps (.ci/walk-dockerfile.mjs): keep commands relative to their WORKDIR.

FROM node:22.22.3-bookworm-slim AS pruned
ARG APP
WORKDIR /repository
# Turbo of the lock file, checked by its hash like everything that is installed here.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY . .
# Only what this app needs: manifests and lock file in out/json, sources in out/full.
RUN npx --no turbo prune "@bellhop/$APP" --docker

FROM node:22.22.3-bookworm-slim AS built
ARG APP
ENV TURBO_TELEMETRY_DISABLED=1
WORKDIR /repository
COPY --from=pruned /repository/out/json/ ./
RUN npm ci --ignore-scripts
COPY --from=pruned /repository/out/full/ ./
COPY --from=pruned /repository/tsconfig.base.json ./
RUN npx --no turbo run build --filter="@bellhop/$APP"

FROM node:22.22.3-bookworm-slim
ARG APP
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 OPS_HOST=0.0.0.0 OPS_PORT=3100
WORKDIR /app
# All that runs is in the bundle, with the licences of what it contains: there is no node_modules.
COPY --from=built /repository/apps/$APP/bundle/ ./
# A new volume takes over these rights: only then can a user who is not root keep files there.
RUN mkdir -m 1777 attachments
USER node
# The inner port (3100: `/metrics`, what is missing) is for those who run it: never publish it.
EXPOSE 3000 3100
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Room for the events of a burst among the young objects (docs/explanation/performance.md).
CMD ["node", "--enable-source-maps", "--max-semi-space-size=64", "dist/main.js"]
