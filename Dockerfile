# Nonmun as a container: docs/hosting.md says how to run it. For both architectures:
#   docker buildx build --platform linux/amd64,linux/arm64 --tag nonmun .
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/nonmun
COPY constraints.txt /src/
RUN /opt/nonmun/bin/pip install -q --require-hashes --only-binary=:all: -r /src/constraints.txt
COPY pyproject.toml README.md LICENSE /src/
COPY bot /src/bot
COPY cogs /src/cogs
COPY data /src/data
RUN /opt/nonmun/bin/pip install -q --no-deps --no-build-isolation /src \
    && /opt/nonmun/bin/pip uninstall -q -y babel hatchling pathspec pluggy tomlkit trove-classifiers pip

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --user-group --no-log-init --home-dir /data --no-create-home --shell /usr/sbin/nologin nonmun \
    && install -d -o nonmun -g nonmun -m 0700 /data /backups
COPY --from=build /opt/nonmun /opt/nonmun
ENV PATH=/opt/nonmun/bin:$PATH PYTHONUNBUFFERED=1 NONMUN_DATABASE=/data/nonmun.db
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/backups"]
# The program itself answers, from what the bot writes into the database: nothing listens, and curl is not needed.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["nonmun", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["nonmun"]
CMD ["run"]
